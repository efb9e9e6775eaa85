/**
 * Secrets from what need not be a file: a pipe, a terminal, a descriptor of another process.
 * Such a thing may keep its reader waiting for ever, so nothing here waits in this thread.
 */

import { close, constants, open, read } from 'node:fs';
import { promisify } from 'node:util';
import { type Cancellation, orCancelled } from '../core/cancellation.ts';
import { ExitStatus, MandosError } from '../core/error.ts';
import { wipeableCopy } from '../core/wipeable-bytes.ts';
import { pauseForDescriptor } from './descriptor-pause.ts';
import { systemErrorCode } from './system-error.ts';

const SMALLEST_BUFFER = 4096;

const openAsync = promisify(open);
const readAsync = promisify(read);
const closeAsync = promisify(close);

/**
 * All that comes from a file, a pipe or a descriptor such as 0 until it ends, in memory of
 * its own (S4), the caller's to overwrite.
 *
 * Throws `MandosError`: `file-missing` or `file-unreadable`, also for more than `limit`
 * bytes; and the signal's reason as soon as that is aborted. What was begun by then may
 * still hold a thread: the process is to end by a signal, which waits for none.
 */
export async function readSecretInput(
  source: string | number,
  limit: number,
  signal: Cancellation,
): Promise<Uint8Array<ArrayBuffer>> {
  if (typeof source === 'number') return await readAll(source, 'standard input', limit, signal);
  const name = `'${source}'`;
  let descriptor: number;
  try {
    // Opening a FIFO blocks until there is a writer, and that is what is wanted here.
    const opening = openAsync(source, constants.O_RDONLY | constants.O_NOCTTY);
    descriptor = await orCancelled(opening, signal);
  } catch (cause) {
    if (signal.aborted) throw cause;
    throw cannotOpen(name, cause);
  }
  const bytes = await readAll(descriptor, name, limit, signal);
  await closeAsync(descriptor);
  return bytes;
}

/**
 * The next bytes of a descriptor into `buffer`; their number, 0 at the end.
 * @param name for the error
 * @throws MandosError `file-unreadable`, or the signal's reason when that is aborted
 */
export async function readPiece(
  descriptor: number,
  buffer: Uint8Array,
  name: string,
  signal: Cancellation,
): Promise<number> {
  for (;;) {
    try {
      const reading = readAsync(descriptor, buffer, 0, buffer.length, null);
      return (await orCancelled(reading, signal)).bytesRead;
    } catch (cause) {
      if (signal.aborted) throw cause;
      if (systemErrorCode(cause) !== 'EAGAIN') throw unreadable(`cannot read ${name}`, cause);
      // Another process made the pipe or terminal, which it shares, non-blocking.
      await orCancelled(pauseForDescriptor(), signal);
    }
  }
}

async function readAll(
  descriptor: number,
  name: string,
  limit: number,
  signal: Cancellation,
): Promise<Uint8Array<ArrayBuffer>> {
  let buffer = new Uint8Array(SMALLEST_BUFFER);
  let length = 0;
  try {
    for (;;) {
      const count = await readPiece(descriptor, buffer.subarray(length), name, signal);
      length += count;
      if (length > limit) throw unreadable(`${name} is larger than ${limit} bytes`);
      if (count === 0) return wipeableCopy(buffer.subarray(0, length));
      if (length < buffer.length) continue;
      const larger = new Uint8Array(buffer.length * 2);
      larger.set(buffer);
      buffer.fill(0);
      buffer = larger;
    }
  } finally {
    buffer.fill(0);
  }
}

function cannotOpen(name: string, cause: unknown): MandosError {
  if (systemErrorCode(cause) !== 'ENOENT') return unreadable(`cannot read ${name}`, cause);
  const exitCode = ExitStatus.noInput;
  return new MandosError('file-missing', `there is no file ${name}`, { exitCode, cause });
}

function unreadable(message: string, cause?: unknown): MandosError {
  const reason = systemErrorCode(cause);
  return new MandosError(
    'file-unreadable',
    reason === undefined ? message : `${message} (${reason})`,
    { exitCode: ExitStatus.noInput, cause },
  );
}
