import { closeSync, constants, openSync, readSync, writeSync } from 'node:fs';
import { succeed } from './process.ts';
import type { TempDir } from './temp-dir.ts';

/** What every Linux pipe holds unless told. */
export const PIPE_SIZE = 65_536;

/**
 * A FIFO that is open at both ends in this process and does not block, as a pipe does not
 * after another process, which shares it, made it so.
 */
export class Fifo implements Disposable {
  readonly path: string;
  readonly descriptor: number;

  private constructor(path: string, descriptor: number) {
    this.path = path;
    this.descriptor = descriptor;
  }

  /** Makes and opens it. */
  static async make(dir: TempDir, name = 'fifo'): Promise<Fifo> {
    const path = await makeFifo(dir, name);
    return new Fifo(path, openSync(path, constants.O_RDWR | constants.O_NONBLOCK));
  }

  /** Fills it, so that the next write finds no room. */
  fill(): void {
    let left = PIPE_SIZE;
    while (left > 0) left -= writeSync(this.descriptor, Buffer.alloc(left, 'x'));
  }

  /** Takes out what there is, at most `most` bytes. */
  take(most: number): Buffer {
    const buffer = Buffer.alloc(most);
    try {
      return buffer.subarray(0, readSync(this.descriptor, buffer));
    } catch {
      return Buffer.alloc(0);
    }
  }

  put(text: string): void {
    writeSync(this.descriptor, text);
  }

  [Symbol.dispose](): void {
    closeSync(this.descriptor);
  }
}

/** A FIFO that nobody has open; its path. */
export async function makeFifo(dir: TempDir, name = 'fifo'): Promise<string> {
  const path = dir.join(name);
  await succeed('/usr/bin/mkfifo', [path]);
  return path;
}
