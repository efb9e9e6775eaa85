/** A terminal that nobody types on, for programs that look whether they have one. */
import { closeSync, constants, openSync } from 'node:fs';
import { RunningProgram } from '../test/support/process.ts';

const HOLDER = `
import os, pty, signal
master, slave = pty.openpty()
print(os.ttyname(slave), flush=True)
signal.pause()`;

export class QuietTerminal implements AsyncDisposable {
  readonly #holder: RunningProgram;
  /** To be a program's standard input. */
  readonly descriptor: number;

  private constructor(holder: RunningProgram, descriptor: number) {
    this.#holder = holder;
    this.descriptor = descriptor;
  }

  static async open(): Promise<QuietTerminal> {
    await using cleanup = new AsyncDisposableStack();
    const holder = cleanup.use(RunningProgram.start('/usr/bin/python3', ['-c', HOLDER]));
    const [path] = await holder.waitForLine(/^\/dev\/pts\/\d+$/);
    cleanup.move();
    // Where we lead a session it would become our own, and hang up on us.
    const descriptor = openSync(path, constants.O_RDWR | constants.O_NOCTTY);
    return new QuietTerminal(holder, descriptor);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    closeSync(this.descriptor);
    await this.#holder[Symbol.asyncDispose]();
  }
}
