import { closeSync, constants, fchownSync, fstatSync, openSync } from 'node:fs';
import type { Log } from '../core/log.ts';
import { raised } from './raised.ts';

/**
 * Gives files that belong to root and its group to the user who runs this program, so that
 * they can be read without privileges: whoever packs an initial RAM disk may lose their
 * owner (Debian #633582). Does nothing in a program that has no privileges put aside.
 */
export function giveToOwnUser(paths: readonly string[], log: Log): void {
  const uid = process.getuid?.() ?? 0;
  const gid = process.getgid?.() ?? 0;
  if (uid === 0) return;
  for (const path of paths) {
    try {
      if (raised(() => give(path, uid, gid))) log.log('debug', `'${path}' is this user's now`);
    } catch (error) {
      // Whoever reads it will tell.
      log.log('debug', `'${path}': ${error instanceof Error ? error.message : 'unknown'}`);
    }
  }
}

/** Only a regular file under its own name: nothing else is to change hands by mistake. */
function give(path: string, uid: number, gid: number): boolean {
  const { O_RDONLY, O_NOFOLLOW, O_NONBLOCK } = constants;
  const descriptor = openSync(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
  try {
    const stat = fstatSync(descriptor);
    if (!stat.isFile() || stat.nlink !== 1 || stat.uid !== 0 || stat.gid !== 0) return false;
    fchownSync(descriptor, uid, gid);
    return true;
  } finally {
    closeSync(descriptor);
  }
}
