import type { ClientsConf } from '../config/clients-conf.ts';
import { type StartContext, startClient } from '../core/client-start.ts';
import { NOT_IN_LEDGER } from '../core/ledger-entry.ts';
import type { Log } from '../core/log.ts';
import type { LiveClients } from './live-clients.ts';

/**
 * Brings the clients of clients.conf to life. A section that cannot be used is told, with
 * file and line, and not served; the others are (F4). The secrets go over to the clients.
 */
export function startClients(
  conf: ClientsConf,
  clients: LiveClients,
  context: () => StartContext,
  log: Log,
): void {
  for (const warning of conf.warnings) log.log('warning', warning);
  for (const section of conf.sections) {
    if (section.kind === 'bad') {
      const { message, hint } = section.problem;
      const advice = hint === undefined ? '' : ` (${hint})`;
      log.log('error', `client ${section.name} is not served: ${message}${advice}`);
      continue;
    }
    const { settings, blob } = section;
    if (settings.keyId === null) {
      log.log('warning', `client ${section.name} has no key_id and can never get its secret`);
    }
    const written = Object.fromEntries(section.written);
    const good = { kind: 'good', settings, written } as const;
    const outcome = startClient(good, { kind: 'none' }, NOT_IN_LEDGER, context());
    if (outcome.kind !== 'client') {
      blob[Symbol.dispose]();
      continue;
    }
    clients.add({ client: outcome.client, blob, written, ledgerEntries: 1 });
  }
}
