/** Debian's mandos-ctl, unpacked and not installed, and ours. */
import { type Outcome, run } from './process.ts';
import { inRepository } from './repository.ts';

export type Ctl = (
  address: string,
  args: readonly string[],
  input?: string | Uint8Array,
) => Promise<Outcome>;

/** By name: another Python may come first on PATH and lack the modules. */
const PYTHON = '/usr/bin/python3';
const ORIGINAL = inRepository('.cache/originals/mandos/usr/sbin/mandos-ctl');
const OURS = inRepository('bin/mandos-ctl');

export const originalCtl: Ctl = (address, args, input = '') =>
  run(PYTHON, [ORIGINAL, ...args], { env: { DBUS_SYSTEM_BUS_ADDRESS: address }, input });

export const ownCtl: Ctl = (address, args, input = '') =>
  run(OURS, args, { env: { DBUS_SYSTEM_BUS_ADDRESS: address }, input });
