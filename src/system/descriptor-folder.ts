import { lstatSync, symlinkSync } from 'node:fs';
import type { Log } from '../core/log.ts';
import { raised } from './raised.ts';

/**
 * Makes /dev/fd where an initial RAM disk lacks it: shells in network hooks need it
 * (Debian #981302). It is no matter of ours when that cannot be done.
 */
export function ensureDescriptorFolder(log: Log, path = '/dev/fd'): void {
  try {
    raised(() => {
      if (lstatSync(path, { throwIfNoEntry: false }) !== undefined) return;
      symlinkSync('/proc/self/fd', path);
    });
  } catch (error) {
    log.log('debug', `cannot make ${path}: ${error instanceof Error ? error.message : 'unknown'}`);
  }
}
