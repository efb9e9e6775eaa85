/** Files that are in memory alone (memfd_create(2)). */
import { dlopen, getInt32 } from 'node:ffi';
import { type Descriptor, SystemCallError } from './libc.ts';

const { functions: libc } = dlopen(null, {
  __errno_location: { arguments: [], return: 'pointer' },
  memfd_create: { arguments: ['string', 'uint32'], return: 'int32' },
});

/**
 * A new, empty one; programs that are started get it. Whoever holds the descriptor closes it.
 * @param name only for those who look into /proc
 * @throws SystemCallError
 */
export function memoryFile(name: string): Descriptor {
  const descriptor = libc.memfd_create(name, 0);
  if (descriptor >= 0) return descriptor;
  throw new SystemCallError('memfd_create', getInt32(libc.__errno_location()));
}
