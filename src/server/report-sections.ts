import type { ClientsConf } from '../config/clients-conf.ts';
import type { Log } from '../core/log.ts';
import { type Blob, LARGEST_BLOB } from '../core/secret.ts';

/** Tells what is wrong with clients.conf, with file and line; the rest of it is served (F4). */
export function reportSections(conf: ClientsConf, log: Log): void {
  for (const warning of conf.warnings) log.log('warning', warning);
  for (const section of conf.sections) {
    if (section.kind === 'bad') {
      const { message, hint } = section.problem;
      const advice = hint === undefined ? '' : ` (${hint})`;
      log.log('error', `client ${section.name} is not served: ${message}${advice}`);
      continue;
    }
    if (section.settings.keyId === null) {
      log.log('warning', `client ${section.name} has no key_id and can never get its secret`);
    }
    reportLargeSecret(section.name, section.blob, log);
  }
}

/** Such a secret is kept and given, for other clients than ours; it shows at a boot only. */
export function reportLargeSecret(name: string, blob: Blob, log: Log): void {
  const { length } = blob.bytes;
  if (length <= LARGEST_BLOB) return;
  const limit = `mandos-client takes at most ${LARGEST_BLOB}`;
  log.log('warning', `the secret of client ${name} has ${length} bytes and ${limit}`);
}
