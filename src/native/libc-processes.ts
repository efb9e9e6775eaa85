/** Reaping, adopting and marking processes: what Node has no door to. Numbers are Linux's. */
import { dlopen, getInt32 } from 'node:ffi';
import { type Descriptor, SystemCallError } from './libc.ts';

const { functions: libc } = dlopen(null, {
  __errno_location: { arguments: [], return: 'pointer' },
  prctl: { arguments: ['int32', 'uint64', 'uint64', 'uint64', 'uint64'], return: 'int32' },
  getrlimit: { arguments: ['int32', 'buffer'], return: 'int32' },
  setrlimit: { arguments: ['int32', 'buffer'], return: 'int32' },
  pipe2: { arguments: ['buffer', 'int32'], return: 'int32' },
  waitid: { arguments: ['int32', 'uint32', 'buffer', 'int32'], return: 'int32' },
  waitpid: { arguments: ['int32', 'buffer', 'int32'], return: 'int32' },
});

function errno(): number {
  return getInt32(libc.__errno_location());
}

/** Turns the -1 of a failed call into an error; must follow the call at once. */
function check(call: string, result: number): number {
  if (result >= 0) return result;
  throw new SystemCallError(call, errno());
}

const PR_SET_CHILD_SUBREAPER = 36;

/** Makes this process the parent of its descendants' orphans (prctl(2)). */
export function becomeSubreaper(): void {
  check('prctl PR_SET_CHILD_SUBREAPER', libc.prctl(PR_SET_CHILD_SUBREAPER, 1n, 0n, 0n, 0n));
}

const RLIMIT_LOCKS = 10;

/**
 * Calls `act` with this process's soft limit on file locks set to `limit`; a process that
 * `act` starts inherits it. Linux has enforced no such limit since 2.4.25 (getrlimit(2)).
 */
export function withFileLockLimit<T>(limit: number, act: () => T): T {
  const before = new BigUint64Array(2);
  check('getrlimit', libc.getrlimit(RLIMIT_LOCKS, before));
  const during = BigUint64Array.of(BigInt(limit), before[1] ?? 0n);
  check('setrlimit RLIMIT_LOCKS', libc.setrlimit(RLIMIT_LOCKS, during));
  try {
    return act();
  } finally {
    check('setrlimit RLIMIT_LOCKS', libc.setrlimit(RLIMIT_LOCKS, before));
  }
}

const P_ALL = 0;
const WNOHANG = 1;
const WEXITED = 4;
const WNOWAIT = 0x01000000;
const ECHILD = 10;
const SIGINFO_SIZE = 128;
/** Where si_pid is in a siginfo_t, in 32-bit words. */
const SI_PID = 4;
const information = new Int32Array(SIGINFO_SIZE / 4);

/**
 * The process ID of some child that has ended and is not reaped yet, whoever started or
 * adopted it; null when there is none. Leaves it as it is (waitid(2)).
 */
export function endedChild(): number | null {
  information.fill(0);
  const result = libc.waitid(P_ALL, 0, information, WEXITED | WNOHANG | WNOWAIT);
  if (result < 0) {
    const number = errno();
    if (number === ECHILD) return null;
    throw new SystemCallError('waitid', number);
  }
  const pid = information[SI_PID] ?? 0;
  return pid === 0 ? null : pid;
}

/** How a process ended. `signal` is the number of signal(7). */
export type ChildEnd =
  | { readonly kind: 'exited'; readonly status: number }
  | { readonly kind: 'signalled'; readonly signal: number };

const status = new Int32Array(1);

/** Reaps this child if it has ended. Null when it has not, or is no child (any more). */
export function reapChild(pid: number): ChildEnd | null {
  const result = libc.waitpid(pid, status, WNOHANG);
  if (result < 0) {
    const number = errno();
    if (number === ECHILD) return null;
    throw new SystemCallError('waitpid', number);
  }
  if (result === 0) return null;
  const [word = 0] = status;
  const signal = word & 0x7f;
  return signal === 0
    ? { kind: 'exited', status: (word >> 8) & 0xff }
    : { kind: 'signalled', signal };
}

const O_CLOEXEC = 0o2000000;

/** A pipe; neither end gets into a program that is started. Whoever holds an end closes it. */
export function pipe(): { readonly readEnd: Descriptor; readonly writeEnd: Descriptor } {
  const ends = new Int32Array(2);
  check('pipe2', libc.pipe2(ends, O_CLOEXEC));
  const [readEnd = -1, writeEnd = -1] = ends;
  return { readEnd, writeEnd };
}
