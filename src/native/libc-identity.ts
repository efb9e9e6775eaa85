/** Changing the real user and group IDs alone, which Node cannot. Numbers are Linux's. */
import { dlopen, getInt32 } from 'node:ffi';
import { SystemCallError } from './libc.ts';

const { functions: libc } = dlopen(null, {
  __errno_location: { arguments: [], return: 'pointer' },
  setresuid: { arguments: ['uint32', 'uint32', 'uint32'], return: 'int32' },
  setresgid: { arguments: ['uint32', 'uint32', 'uint32'], return: 'int32' },
});

/** An ID that stays as it is (setresuid(2)). */
const KEEP = 0xffff_ffff;

function check(call: string, result: number): void {
  if (result < 0) throw new SystemCallError(call, getInt32(libc.__errno_location()));
}

export interface RealIds {
  readonly user: number;
  readonly group: number;
}

/**
 * Calls `act` while this process has these real IDs; the effective ones stay. A process that
 * `act` starts inherits both, as if its program were set-user-ID.
 * @param before the real IDs now, which come back afterwards
 * @throws SystemCallError
 */
export function withRealIds<T>(ids: RealIds, before: RealIds, act: () => T): T {
  check('setresgid', libc.setresgid(ids.group, KEEP, KEEP));
  try {
    check('setresuid', libc.setresuid(ids.user, KEEP, KEEP));
    try {
      return act();
    } finally {
      check('setresuid', libc.setresuid(before.user, KEEP, KEEP));
    }
  } finally {
    check('setresgid', libc.setresgid(before.group, KEEP, KEEP));
  }
}
