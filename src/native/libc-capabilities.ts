/** The capabilities of a thread (capabilities(7)). Numbers are Linux's. */
import { dlopen, getInt32 } from 'node:ffi';
import { SystemCallError } from './libc.ts';

const { functions: libc } = dlopen(null, {
  __errno_location: { arguments: [], return: 'pointer' },
  capget: { arguments: ['buffer', 'buffer'], return: 'int32' },
  capset: { arguments: ['buffer', 'buffer'], return: 'int32' },
});

function check(call: string, result: number): void {
  if (result < 0) throw new SystemCallError(call, getInt32(libc.__errno_location()));
}

/** _LINUX_CAPABILITY_VERSION_3, and this thread. */
const HEADER = Uint32Array.of(0x2008_0522, 0);

/** Effective, permitted and inheritable; first those below 32, then the others. */
const SETS = 6;

const CAPABILITIES = { CAP_DAC_READ_SEARCH: 2, CAP_NET_RAW: 13 } as const;

export type Capability = keyof typeof CAPABILITIES;

/**
 * Gives up all capabilities of this thread, and of the threads and programs that it starts,
 * but the ones named: those stay as they are.
 * @throws SystemCallError
 */
export function keepCapabilities(...kept: readonly Capability[]): void {
  const sets = new Uint32Array(SETS);
  check('capget', libc.capget(HEADER, sets));
  const mask = kept.reduce((bits, name) => bits | (1 << CAPABILITIES[name]), 0);
  const fewer = sets.map((set, index) => (index < SETS / 2 ? set & mask : 0));
  // A sandbox may forbid the call where there is nothing to give up.
  if (fewer.every((set, index) => set === sets[index])) return;
  sets.set(fewer);
  // The ambient ones cannot be more than these.
  check('capset', libc.capset(HEADER, sets));
}
