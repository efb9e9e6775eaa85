import { chownSync } from 'node:fs';
import { MandosError } from '../core/error.ts';
import { makeDirectories } from './make-directories.ts';
import type { Account } from './privileges.ts';
import { systemErrorCode } from './system-error.ts';

/**
 * Makes the state directory, if it is not there, for the account that the server becomes; one
 * that is there is left as it is.
 * @throws MandosError `file-unwritable`
 */
export function makeStateDirectory(path: string, account: Account): void {
  try {
    if (makeDirectories(path, 0o700)) chownSync(path, account.uid, account.gid);
  } catch (cause) {
    const why = systemErrorCode(cause) ?? String(cause);
    throw new MandosError('file-unwritable', `cannot make the state directory '${path}' (${why})`, {
      hint: 'name another one with --statedir',
      cause,
    });
  }
}
