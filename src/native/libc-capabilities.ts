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

/** Effective, permitted and inheritable; first those below 32, which all that we name are. */
const SETS = 6;
const BELOW_32 = 3;
const PERMITTED = 1;

const CAPABILITIES = { CAP_DAC_READ_SEARCH: 2, CAP_NET_RAW: 13 } as const;

export type Capability = keyof typeof CAPABILITIES;

/**
 * Whether this thread has the capability, in use or at hand.
 * @throws SystemCallError
 */
export function hasCapability(name: Capability): boolean {
  return ((capabilities()[PERMITTED] ?? 0) & (1 << CAPABILITIES[name])) !== 0;
}

/**
 * Gives up one capability of this thread, and of the threads and programs that it starts.
 * @throws SystemCallError
 */
export function dropCapability(name: Capability): void {
  const mask = ~(1 << CAPABILITIES[name]);
  giveUp((set, index) => (index < BELOW_32 ? set & mask : set));
}

/**
 * Gives up all capabilities of this thread, and of the threads and programs that it starts,
 * but the ones named: those stay as they are.
 * @throws SystemCallError
 */
export function keepCapabilities(...kept: readonly Capability[]): void {
  const mask = kept.reduce((bits, name) => bits | (1 << CAPABILITIES[name]), 0);
  giveUp((set, index) => (index < BELOW_32 ? set & mask : 0));
}

function giveUp(fewerOf: (set: number, index: number) => number): void {
  const sets = capabilities();
  const fewer = sets.map(fewerOf);
  // A sandbox may forbid the call where there is nothing to give up.
  if (fewer.every((set, index) => set === sets[index])) return;
  // The ambient ones cannot be more than these.
  check('capset', libc.capset(HEADER, fewer));
}

function capabilities(): Uint32Array {
  const sets = new Uint32Array(SETS);
  check('capget', libc.capget(HEADER, sets));
  return sets;
}
