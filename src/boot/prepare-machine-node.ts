import type { Log } from '../core/log.ts';
import { ensureDescriptorFolder } from '../system/descriptor-folder.ts';
import { giveToOwnUser } from '../system/own-files.ts';
import { lowerPrivileges } from '../system/raised.ts';
import type { KeyFiles } from './client-settings.ts';

/** Where key files are in an initial RAM disk; files elsewhere are no business of ours. */
const KEY_FOLDER = '/conf/conf.d/mandos/';

/**
 * Puts in order what an initial RAM disk may leave undone, and puts root's privileges aside
 * in a program that an unprivileged user runs with them.
 * @throws MandosError `privileges`
 */
export function prepareMachine(keyFiles: KeyFiles, log: Log): void {
  lowerPrivileges();
  ensureDescriptorFolder(log);
  const { pubkey, seckey, tlsPubkey, tlsPrivkey } = keyFiles;
  const ours = [pubkey, seckey, tlsPubkey, tlsPrivkey].filter((path) => {
    return path.startsWith(KEY_FOLDER) && !path.slice(KEY_FOLDER.length).includes('/');
  });
  giveToOwnUser(ours, log);
}
