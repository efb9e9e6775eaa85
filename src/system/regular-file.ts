import { closeSync, constants, fstatSync, openSync } from 'node:fs';
import { ExitStatus, MandosError } from '../core/error.ts';

export interface OpenFile extends Disposable {
  readonly descriptor: number;
  /** In bytes; 0 in /proc, and it may grow. */
  readonly size: number;
}

/**
 * Opens a file for reading, and only a file: whoever opened or read a FIFO or a device could
 * be kept waiting for ever, deaf to signals and to everybody else (F4).
 *
 * @param links a symbolic link is refused too
 * Throws the system's error, or `MandosError` `file-unreadable` for what is no regular file.
 */
export function openRegularFile(path: string, links?: 'no links'): OpenFile {
  const { O_RDONLY, O_NONBLOCK, O_NOCTTY, O_NOFOLLOW } = constants;
  const flags = O_RDONLY | O_NONBLOCK | O_NOCTTY | (links === undefined ? 0 : O_NOFOLLOW);
  const descriptor = openSync(path, flags);
  try {
    const status = fstatSync(descriptor);
    if (status.isFile()) {
      return { descriptor, size: status.size, [Symbol.dispose]: () => closeSync(descriptor) };
    }
    throw new MandosError('file-unreadable', `${JSON.stringify(path)} is not a regular file`, {
      exitCode: ExitStatus.noInput,
    });
  } catch (error) {
    closeSync(descriptor);
    throw error;
  }
}
