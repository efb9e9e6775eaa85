import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import { ExitStatus, MandosError } from '../../core/error.ts';

/**
 * All of a file that belongs to the state; null when there is no such file. Throws
 * `MandosError` `file-unreadable`.
 */
export function readWholeFile(path: string): Buffer<ArrayBuffer> | null {
  let descriptor: number | null = null;
  try {
    descriptor = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW);
    // Memory of its own: what is read may have to be wiped (S4).
    const bytes = Buffer.from(new ArrayBuffer(fstatSync(descriptor).size));
    let length = 0;
    while (length < bytes.length) {
      const count = readSync(descriptor, bytes, length, bytes.length - length, length);
      if (count === 0) break;
      length += count;
    }
    return bytes.subarray(0, length);
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === 'ENOENT') return null;
    throw new MandosError('file-unreadable', `cannot read '${path}'`, {
      exitCode: ExitStatus.noInput,
      cause,
    });
  } finally {
    if (descriptor !== null) closeSync(descriptor);
  }
}
