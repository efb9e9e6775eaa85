import { type Client, NO_CLEAN_EXIT } from '../core/client.ts';
import type { ClientSignal } from '../core/client-effect.ts';
import type { Log } from '../core/log.ts';
import type { ModelListener } from './bus/model.ts';
import { lifeText } from './life-text.ts';

/** Tells the log what happens to the clients. */
export function clientNews(log: Log): ModelListener {
  return {
    added: () => undefined,
    removed: (name) => log.log('warning', `client ${name} was removed`),
    notFound: () => undefined, // the gate tells it
    changed(client, names) {
      if (names.includes('Enabled')) log.log('warning', lifeText(client));
    },
    signalled: (client, signal) => tellSignal(client, signal, log),
  };
}

/** Who a client is, when the server starts. */
export function settingsText({ settings, life }: Client): string {
  const { name, keyId, fingerprint } = settings;
  const key = keyId === null ? 'no usable key ID' : `key ID: ${keyId}`;
  return `client ${name}: ${key}, fingerprint: ${fingerprint || 'none'}, ${life.kind}`;
}

function tellSignal({ settings: { name } }: Client, signal: ClientSignal, log: Log): void {
  switch (signal.name) {
    case 'CheckerStarted':
      break; // the checkers tell it
    case 'CheckerCompleted':
      if (signal.exitCode === 0) log.log('info', `checker for ${name} succeeded`);
      else if (signal.exitCode === NO_CLEAN_EXIT)
        log.log('warning', `checker for ${name} crashed? (signal ${signal.waitStatus & 0x7f})`);
      else log.log('info', `checker for ${name} failed (exit status ${signal.exitCode})`);
      break;
    case 'GotSecret':
      log.log('info', `client ${name} has got its secret`);
      break;
    case 'NeedApproval': {
      const wait = `waits for approval for ${signal.timeout / 1000} s`;
      const then = signal.approvedByDefault ? 'approved' : 'denied';
      log.log('info', `client ${name} needs approval: ${wait}, then it is ${then} by default`);
      break;
    }
    case 'Rejected':
      tellRefusal(name, signal.reason, log);
      break;
    default:
      signal satisfies never;
  }
}

/** Anybody who is locked out may ask as often as they like: no warning for that. */
function tellRefusal(name: string, reason: string, log: Log): void {
  switch (reason) {
    case 'Disabled':
      log.log('info', `client ${name} is disabled and was refused`);
      break;
    case 'Denied':
      log.log('warning', `client ${name} was not approved: it was denied`);
      break;
    case 'Approval timed out':
      log.log('warning', `client ${name} was not approved: timed out while waiting for approval`);
      break;
    default:
      log.log('warning', `client ${name} was refused: ${reason}`);
  }
}
