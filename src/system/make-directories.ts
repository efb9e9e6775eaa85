import { mkdirSync, statSync } from 'node:fs';
import { dirname } from 'node:path';

/**
 * Makes a directory and those above it that are missing. Not `mkdirSync` with `recursive`,
 * which never returns where nothing can be made, in /proc for one.
 * @returns whether it was made; false when it was there
 * @throws the error of the system call that failed
 */
export function makeDirectories(path: string, mode: number): boolean {
  try {
    mkdirSync(path, { mode });
    return true;
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code === 'EEXIST' && statSync(path).isDirectory()) return false;
    if (code !== 'ENOENT' || statSync(dirname(path), { throwIfNoEntry: false }) !== undefined) {
      throw error;
    }
  }
  makeDirectories(dirname(path), mode);
  mkdirSync(path, { mode });
  return true;
}
