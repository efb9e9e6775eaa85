/** Making a FIFO, which Node cannot. */
import { dlopen, getInt32 } from 'node:ffi';
import { SystemCallError } from './libc.ts';

const { functions: libc } = dlopen(null, {
  __errno_location: { arguments: [], return: 'pointer' },
  mkfifo: { arguments: ['string', 'uint32'], return: 'int32' },
});

/** Makes a FIFO that only this user may read and write (mkfifo(3)). Throws SystemCallError. */
export function makePrivateFifo(path: string): void {
  if (libc.mkfifo(path, 0o600) < 0) {
    throw new SystemCallError('mkfifo', getInt32(libc.__errno_location()));
  }
}
