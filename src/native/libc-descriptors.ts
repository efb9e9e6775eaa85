/** Descriptors that Node does not know of. Numbers are Linux's. */
import { dlopen } from 'node:ffi';

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
