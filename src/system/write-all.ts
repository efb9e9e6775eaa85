/**
 * Writing to descriptors that were inherited. A pipe or a terminal that is shared with
 * another process may have been made non-blocking by it (O_NONBLOCK belongs to both), so
 * "full" is no failure: it is waited for.
 */
import { write, writeSync } from 'node:fs';
import { promisify } from 'node:util';
import { ExitStatus, MandosError } from '../core/error.ts';
import { pauseForDescriptor, pauseThreadForDescriptor } from './descriptor-pause.ts';
import { systemErrorCode } from './system-error.ts';

const STDOUT = 1;
const STDERR = 2;

/** How long a line for people waits for a full pipe that does not block. */
const PATIENCE_MILLISECONDS = 10_000;

const writeAsync = promisify(write);

/**
 * Writes all of it to standard output. Not in this thread: a reader that does not read would
 * block it, and with it the signals.
 *
 * Throws `MandosError` `file-unwritable` with status 74 (EX_IOERR).
 */
export async function writeOutput(output: Uint8Array | string): Promise<void> {
  try {
    await writeAll(STDOUT, output);
  } catch (cause) {
    const reason = systemErrorCode(cause) ?? String(cause);
    throw new MandosError('file-unwritable', `cannot write to standard output (${reason})`, {
      exitCode: ExitStatus.ioError,
      cause,
    });
  }
}

/** Writes all of it to `descriptor`, outside this thread. Throws the system's error. */
export async function writeAll(descriptor: number, output: Uint8Array | string): Promise<void> {
  const bytes = typeof output === 'string' ? Buffer.from(output) : output;
  let offset = 0;
  while (offset < bytes.length) {
    try {
      const rest = bytes.length - offset;
      offset += (await writeAsync(descriptor, bytes, offset, rest, null)).bytesWritten;
    } catch (cause) {
      if (systemErrorCode(cause) !== 'EAGAIN') throw cause;
      await pauseForDescriptor();
    }
  }
}

/**
 * Writes a text for people, to standard error unless told. Never throws: when nobody reads
 * it, or the disk behind it is full, the work goes on all the same.
 */
export function tellPeople(
  text: string,
  descriptor = STDERR,
  patience = PATIENCE_MILLISECONDS,
): void {
  const bytes = Buffer.from(text);
  const end = performance.now() + patience;
  let offset = 0;
  while (offset < bytes.length) {
    try {
      offset += writeSync(descriptor, bytes, offset);
    } catch (cause) {
      if (systemErrorCode(cause) !== 'EAGAIN' || performance.now() >= end) return;
      pauseThreadForDescriptor();
    }
  }
}
