/** Descriptors that Node does not know of. Numbers are Linux's. */
import { dlopen } from 'node:ffi';
import type { Descriptor } from './libc.ts';

const CLOSE_RANGE_CLOEXEC = 4;
const LARGEST = 0xffff_ffff;

/**
 * Keeps what is open besides the standard descriptors out of every program that is started.
 * @returns false when this cannot be had: before Linux 5.11 or glibc 2.34 (close_range(2))
 */
export function keepDescriptorsPrivate(): boolean {
  try {
    const { functions: libc } = dlopen(null, {
      close_range: { arguments: ['uint32', 'uint32', 'int32'], return: 'int32' },
    });
    return libc.close_range(3, LARGEST, CLOSE_RANGE_CLOEXEC) === 0;
  } catch {
    return false;
  }
}

const F_SETFD = 2;

/**
 * Leaves a descriptor open in the programs that are started; Node closes all but the standard
 * ones there (FD_CLOEXEC, fcntl(2)). One that is not open stays so.
 */
export function inheritDescriptor(descriptor: Descriptor): void {
  const { functions: libc } = dlopen(null, {
    fcntl: { arguments: ['int32', 'int32', 'int32'], return: 'int32' },
  });
  libc.fcntl(descriptor, F_SETFD, 0);
}
