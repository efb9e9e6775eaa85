/**
 * Lines for people on standard error that never keep a program from its work: a console may be
 * stopped, a serial line may wait for a machine at its other end, a pipe may have no reader.
 */
import { constants, fstatSync, openSync, writeSync } from 'node:fs';
import { pauseThreadForDescriptor } from './descriptor-pause.ts';
import { systemErrorCode } from './system-error.ts';

const STDERR = 2;

/** For a reader that is only slow. Once it has been in vain, nothing is waited for. */
const PATIENCE_MILLISECONDS = 500;

let descriptor: number | null = null;
/** Nothing was taken in time, and nothing has been since. */
let deaf = false;

/** Never throws. What nobody takes is dropped. */
export function tellConsole(line: string): void {
  const bytes = Buffer.from(line);
  const end = deaf ? 0 : performance.now() + PATIENCE_MILLISECONDS;
  descriptor ??= withoutWaiting();
  for (let offset = 0; offset < bytes.length; ) {
    try {
      offset += writeSync(descriptor, bytes, offset);
      deaf = false;
    } catch (cause) {
      if (systemErrorCode(cause) !== 'EAGAIN') return;
      if (performance.now() >= end) {
        deaf = true;
        return;
      }
      pauseThreadForDescriptor();
    }
  }
}

/**
 * Standard error, opened anew so that only our writes do not wait: O_NONBLOCK would be for all
 * who share it. A file is never full in this way, and has one place where all write.
 */
function withoutWaiting(): number {
  try {
    const status = fstatSync(STDERR);
    if (!status.isFIFO() && !status.isCharacterDevice()) return STDERR;
    const { O_WRONLY, O_NONBLOCK, O_NOCTTY } = constants;
    return openSync('/proc/self/fd/2', O_WRONLY | O_NONBLOCK | O_NOCTTY);
  } catch {
    // Without /proc, or for a user who may not open it.
    return STDERR;
  }
}
