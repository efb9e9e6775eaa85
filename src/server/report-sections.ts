import type { ClientsConf } from '../config/clients-conf.ts';
import type { Log } from '../core/log.ts';

/** Tells what is wrong with clients.conf, with file and line; the rest of it is served (F4). */
export function reportSections(conf: ClientsConf, log: Log): void {
  for (const warning of conf.warnings) log.log('warning', warning);
  for (const section of conf.sections) {
    if (section.kind === 'bad') {
      const { message, hint } = section.problem;
      const advice = hint === undefined ? '' : ` (${hint})`;
      log.log('error', `client ${section.name} is not served: ${message}${advice}`);
    } else if (section.settings.keyId === null) {
      log.log('warning', `client ${section.name} has no key_id and can never get its secret`);
    }
  }
}
