/** The terminal as a screen that a program paints: keys in, escape sequences out, restored at the end. */
import { closeSync, constants, openSync, write } from 'node:fs';
import { emitKeypressEvents, type Interface } from 'node:readline';
import { ReadStream } from 'node:tty';
import { promisify } from 'node:util';
import { MandosError } from '../core/error.ts';
import { pauseForDescriptor } from './descriptor-pause.ts';
import { systemErrorCode } from './system-error.ts';
import { tellPeople } from './write-all.ts';

const STDIN = 0;
const STDOUT = 1;

/** How long ESC waits for what would make it the beginning of another key. */
const ESCAPE_PATIENCE_MILLISECONDS = 100;

/** How long the end waits for a terminal that takes nothing. */
const LEAVE_PATIENCE_MILLISECONDS = 1000;

/** A stop that has not come by then does not come: nobody could end it again. */
const STOP_PATIENCE_MILLISECONDS = 200;

const writeAsync = promisify(write);

export interface PressedKey {
  readonly sequence?: string | undefined;
  readonly name?: string | undefined;
  readonly ctrl?: boolean | undefined;
  readonly meta?: boolean | undefined;
}

export interface ScreenListener {
  key(key: PressedKey): void;
  resized(): void;
  /** The terminal may show anything now. */
  resumed(): void;
  /** The terminal has gone. */
  lost(why: MandosError): void;
}

export interface ScreenKind {
  /** What to send first. */
  readonly enter: string;
  /** What to send at the end, and before the program is suspended. */
  readonly leave: string;
}

/**
 * Standard input and output, which must be a terminal, taken over until this is disposed of:
 * every way out must do it. Should one forget, the end of the process does.
 */
export class ScreenTerminal implements AsyncDisposable {
  readonly #kind: ScreenKind;
  readonly #listener: ScreenListener;
  readonly #input = new ReadStream(STDIN);
  readonly #output = openOutput();
  readonly #release: (() => void)[] = [];
  /** Whether the screen is ours at the moment. */
  #entered = false;
  #closed = false;
  /** Nothing is written any more but what restores the terminal. */
  #ending = false;
  #writing: Promise<void> = Promise.resolve();
  #continued: (() => void) | null = null;

  constructor(kind: ScreenKind, listener: ScreenListener) {
    this.#kind = kind;
    this.#listener = listener;
    this.#listen();
    this.#enter();
  }

  #listen(): void {
    const lose = (cause?: unknown): void =>
      this.#listener.lost(new MandosError('cancelled', 'the terminal went away', { cause }));
    const input = this.#input;
    input.on('error', lose);
    input.on('end', lose);
    input.on('close', lose);
    // Of an interface no more than this is read; the type wants a whole one.
    emitKeypressEvents(input, { escapeCodeTimeout: ESCAPE_PATIENCE_MILLISECONDS } as Interface & {
      escapeCodeTimeout: number;
    });
    input.on('keypress', (_text, key: PressedKey) => this.#listener.key(key));
    const resize = (): void => this.#listener.resized();
    process.stdout.on('resize', resize);
    this.#release.push(() => process.stdout.off('resize', resize));
    this.#onProcess('SIGCONT', () => this.#onContinue());
    this.#onProcess('SIGTSTP', this.#onStop);
    // Should whoever uses this fail to let go of it; the error is to be seen, too.
    this.#onProcess('uncaughtExceptionMonitor', () => this.#leave());
    this.#onProcess('exit', () => this.#leave());
  }

  #onProcess(
    event: 'SIGCONT' | 'SIGTSTP' | 'uncaughtExceptionMonitor' | 'exit',
    listener: () => void,
  ): void {
    process.on(event, listener);
    this.#release.push(() => process.off(event, listener));
  }

  readonly #onStop = (): void => {
    this.#suspend(process.pid).catch((error: unknown) => this.#fail(error));
  };

  #fail(cause: unknown): void {
    this.#listener.lost(new MandosError('cancelled', 'cannot use the terminal', { cause }));
  }

  /** As the terminal says; 80 by 24 when it does not know, as serial lines do not. */
  get size(): { readonly columns: number; readonly rows: number } {
    const { columns, rows } = process.stdout;
    return {
      columns: columns || Number(process.env.COLUMNS) || 80,
      rows: rows || Number(process.env.LINES) || 24,
    };
  }

  /** Resolves when the terminal has taken all of it; drops it while the screen is not ours. */
  write(text: string): Promise<void> {
    this.#writing = this.#writing.then(() => this.#write(Buffer.from(text)));
    return this.#writing;
  }

  async #write(bytes: Buffer): Promise<void> {
    let offset = 0;
    // Never in this thread: a terminal that is stopped would make us deaf to signals.
    while (this.#entered && !this.#ending && offset < bytes.length) {
      try {
        const rest = bytes.length - offset;
        offset += (await writeAsync(this.#output.descriptor, bytes, offset, rest, null))
          .bytesWritten;
      } catch (cause) {
        if (systemErrorCode(cause) === 'EAGAIN') await pauseForDescriptor();
        else return this.#fail(cause);
      }
    }
  }

  /** Stops the program and what it shares its job with, as Ctrl-Z does, until it is continued. */
  suspend(): Promise<void> {
    return this.#suspend(0);
  }

  /** The terminal's own keys send no signals in this mode, so a stop comes from others. */
  async #suspend(pid: number): Promise<void> {
    if (!this.#entered || this.#ending) return;
    await this.#quiet();
    this.#leave();
    const continued = new Promise<void>((resolve) => {
      this.#continued = resolve;
    });
    // Without a listener the signal does what it does by itself. A program that no shell
    // watches is not stopped by it, for nobody would continue it.
    process.off('SIGTSTP', this.#onStop);
    process.kill(pid, 'SIGTSTP');
    const patience = setTimeout(() => this.#continued?.(), STOP_PATIENCE_MILLISECONDS);
    await continued;
    clearTimeout(patience);
    this.#continued = null;
    if (this.#closed) return;
    process.on('SIGTSTP', this.#onStop);
    this.#resume();
  }

  /** After a stop that could not be caught the shell may have changed the terminal. */
  #onContinue(): void {
    this.#continued?.();
    if (!this.#entered) return;
    this.#leave();
    this.#resume();
  }

  #resume(): void {
    this.#enter();
    // Nobody tells a stopped program of a new size.
    process.emit('SIGWINCH', 'SIGWINCH');
    this.#listener.resumed();
  }

  /** Waits until nothing is on its way that would be shown after what restores the terminal. */
  async #quiet(): Promise<void> {
    this.#ending = true;
    let patience: NodeJS.Timeout | undefined;
    const enough = new Promise<void>((resolve) => {
      patience = setTimeout(resolve, LEAVE_PATIENCE_MILLISECONDS);
    });
    await Promise.race([this.#writing, enough]);
    clearTimeout(patience);
  }

  #enter(): void {
    this.#ending = false;
    this.#input.setRawMode(true);
    this.#input.resume();
    this.#entered = true;
    this.#tell(this.#kind.enter);
  }

  #leave(): void {
    if (!this.#entered) return;
    this.#entered = false;
    this.#tell(this.#kind.leave);
    if (!this.#input.destroyed) this.#input.setRawMode(false);
  }

  #tell(text: string): void {
    tellPeople(text, this.#output.descriptor, LEAVE_PATIENCE_MILLISECONDS);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#quiet();
    this.#leave();
    this.#closed = true;
    this.#input.removeAllListeners();
    this.#input.destroy();
    for (const release of this.#release) release();
    this.#continued?.();
    this.#output.close();
  }
}

/**
 * The terminal behind standard output once more, because whether a descriptor blocks is
 * shared with other processes. Where that may not be opened, standard output itself.
 */
function openOutput(): { readonly descriptor: number; close(): void } {
  try {
    const flags = constants.O_WRONLY | constants.O_NONBLOCK | constants.O_NOCTTY;
    const descriptor = openSync(`/proc/self/fd/${STDOUT}`, flags);
    return { descriptor, close: () => closeSync(descriptor) };
  } catch {
    return { descriptor: STDOUT, close: () => undefined };
  }
}
