import { closeSync, fchmodSync, ftruncateSync, openSync, readSync, writeSync } from 'node:fs';
import type { Log } from '../core/log.ts';

/** In this order (mandos(8), "Files"). */
const PATHS = ['/run/mandos.pid', '/var/run/mandos.pid'] as const;

/**
 * The file that holds the process ID of a server in the background. It is opened with the
 * privileges of the start and emptied through the same descriptor at the end: the user the
 * server has become may not delete it.
 */
export class PidFile implements Disposable {
  #descriptor: number | null;

  private constructor(descriptor: number) {
    this.#descriptor = descriptor;
  }

  /** Writes it; null, and a line in the log, when it cannot be written. */
  static create(log: Log, paths: readonly string[] = PATHS): PidFile | null {
    let reason: unknown = null;
    for (const path of paths) {
      try {
        const descriptor = openSync(path, 'w+');
        fchmodSync(descriptor, 0o644); // whatever the umask: everybody may know who runs
        writeSync(descriptor, `${process.pid}\n`);
        return new PidFile(descriptor);
      } catch (error) {
        reason = error;
      }
    }
    log.log('error', `cannot write a PID file (${String(reason)})`);
    return null;
  }

  /** Empties it, unless a server that was started later has put its own number there. */
  [Symbol.dispose](): void {
    if (this.#descriptor === null) return;
    const content = Buffer.alloc(32);
    const length = readSync(this.#descriptor, content, 0, content.length, 0);
    if (content.toString('latin1', 0, length) === `${process.pid}\n`) {
      ftruncateSync(this.#descriptor);
    }
    closeSync(this.#descriptor);
    this.#descriptor = null;
  }
}
