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

function tellSignal({ settings: { name } }: Client, signal: ClientSignal, log: Log): void {
  switch (signal.name) {
    case 'CheckerStarted':
      break; // the checkers tell it
    case 'CheckerCompleted':
      if (signal.exitCode === 0) log.log('info', `checker for ${name} succeeded`);
      else if (signal.exitCode === NO_CLEAN_EXIT)
        log.log('warning', `checker for ${name} crashed?`);
      else log.log('info', `checker for ${name} failed`);
      break;
    case 'GotSecret':
      log.log('info', `client ${name} has got its secret`);
      break;
    case 'NeedApproval':
      log.log('info', `client ${name} waits for approval`);
      break;
    case 'Rejected':
      log.log('warning', `client ${name} was refused: ${signal.reason}`);
      break;
    default:
      signal satisfies never;
  }
}
