import { closeSync, fstatSync, readSync, writeSync } from 'node:fs';
import { MandosError } from '../core/error.ts';
import { wipeableBytes } from '../core/wipeable-bytes.ts';
import type { Descriptor } from '../native/libc.ts';
import { inheritDescriptor } from '../native/libc-descriptors.ts';
import { memoryFile } from '../native/libc-memory-file.ts';
import { sameCommand } from './own-program.ts';

/** Where the new program finds what was handed over: the number of a descriptor. */
const MARK = 'MANDOS_HANDED_OVER';

/**
 * Replaces this program by itself, started anew with the same arguments in the same process: of
 * all threads only the one that calls lives on, and so do only its capabilities (execve(2)).
 * @param handedOver what the new one finds with `takeHandedOver`
 * @param descriptors that it has, too, besides the standard ones
 * @throws MandosError `privileges` when that fails; the privileges are still there then
 */
export function startOver(handedOver: Uint8Array, descriptors: readonly Descriptor[]): never {
  try {
    const file = memoryFile('mandos');
    let length = 0;
    while (length < handedOver.length) length += writeSync(file, handedOver, length);
    for (const descriptor of descriptors) inheritDescriptor(descriptor);
    const { path, args, argv0 = path } = sameCommand();
    process.execve?.(path, [argv0, ...args], { ...process.env, [MARK]: String(file) });
    throw new Error('there is no execve');
  } catch (cause) {
    throw new MandosError('privileges', 'cannot start anew with fewer privileges', { cause });
  }
}

/** In the program that was started anew, once: what was handed over. Null in the first. */
export function takeHandedOver(environment: Record<string, string | undefined>): Uint8Array | null {
  const number = environment[MARK];
  delete environment[MARK];
  if (number === undefined) return null;
  const descriptor = Number(number);
  const bytes = wipeableBytes(fstatSync(descriptor).size);
  for (let length = 0; length < bytes.length; ) {
    const count = readSync(descriptor, bytes, length, bytes.length - length, length);
    if (count === 0)
      throw new MandosError('file-unreadable', 'less was handed over than announced');
    length += count;
  }
  closeSync(descriptor);
  return bytes;
}
