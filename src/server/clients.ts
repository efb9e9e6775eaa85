import type { ClientsConf } from '../config/clients-conf.ts';
import type { Log } from '../core/log.ts';
import { Registry } from './registry.ts';

/**
 * The registry of what clients.conf says. A section that cannot be used is told, with file
 * and line, and not served; the others are (F4). The registry owns the secrets from here.
 */
export function registerClients(conf: ClientsConf, log: Log): Registry {
  const registry = new Registry();
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
      log.log('warning', `client ${section.name} has no key_id and can never be served`);
      blob[Symbol.dispose]();
      continue;
    }
    const { name, keyId, enabled, approvedByDefault, approvalDelay } = settings;
    registry.add({ name, keyId, blob, enabled, approvedByDefault, approvalDelay });
  }
  return registry;
}
