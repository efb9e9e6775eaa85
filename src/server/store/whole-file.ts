import { readSync } from 'node:fs';
import { ExitStatus, MandosError } from '../../core/error.ts';
import { openRegularFile } from '../../system/regular-file.ts';
import { systemErrorCode } from '../../system/system-error.ts';

/**
 * All of a file that belongs to the state; null when there is no such file. Throws
 * `MandosError` `file-unreadable`.
 */
export function readWholeFile(path: string): Buffer<ArrayBuffer> | null {
  try {
    using file = openRegularFile(path, 'no links');
    const { descriptor, size } = file;
    // Memory of its own: what is read may have to be wiped (S4).
    const bytes = Buffer.from(new ArrayBuffer(size));
    let length = 0;
    while (length < bytes.length) {
      const count = readSync(descriptor, bytes, length, bytes.length - length, length);
      if (count === 0) break;
      length += count;
    }
    return bytes.subarray(0, length);
  } catch (cause) {
    if (cause instanceof MandosError) throw cause;
    const reason = systemErrorCode(cause);
    if (reason === 'ENOENT') return null;
    throw new MandosError('file-unreadable', `cannot read '${path}' (${reason ?? 'unknown'})`, {
      exitCode: ExitStatus.noInput,
      hint: 'it has to be a file that the account of the server may read',
      cause,
    });
  }
}
