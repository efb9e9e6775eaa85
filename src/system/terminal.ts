/**
 * Reads lines from a terminal without showing them, as bytes (S4): through one buffer of
 * ours, which is overwritten, and neither `readline` nor strings.
 */
import { closeSync, constants, openSync } from 'node:fs';
import { isatty, ReadStream } from 'node:tty';
import type { Cancellation } from '../core/cancellation.ts';
import { MandosError } from '../core/error.ts';
import { Interruption } from './interruptible.ts';
import { LineEditor } from './line-editor.ts';
import { tellPeople } from './write-all.ts';

/** The length of a line that a terminal in its ordinary mode could not take. */
const LONGEST_LINE = 64 * 1024;

/** How long a prompt waits for a screen that takes nothing. */
const SCREEN_PATIENCE_MILLISECONDS = 1000;

export interface SilentTerminal extends Disposable {
  /**
   * Shows `prompt` and answers with what is typed until Enter, the caller's to overwrite.
   *
   * Throws `Interruption` on Ctrl-C, `MandosError` `cancelled` on Ctrl-D or when the terminal
   * goes away, and the signal's reason when that is aborted.
   */
  readLine(prompt: string): Promise<Uint8Array<ArrayBuffer>>;
  /** Shows a line of text. */
  tell(line: string): void;
}

/** Whether `descriptor` is a terminal. */
export function isTerminal(descriptor: number): boolean {
  return isatty(descriptor);
}

/**
 * Takes over the terminal at `descriptor`: echo is off until it is disposed of, which every
 * way out must do. What is shown goes to the terminal even when standard error does not.
 */
export function openSilentTerminal(descriptor: number, signal: Cancellation): SilentTerminal {
  const screen = openScreen();
  const editor = new LineEditor(LONGEST_LINE);
  let changed: () => void = () => undefined;
  let failure: unknown;
  const fail = (cause: unknown): void => {
    failure ??= new MandosError('cancelled', 'the terminal went away', { cause });
    changed();
  };
  const buffer = new Uint8Array(4096);
  const input = new ReadStream(descriptor, {
    onread: {
      buffer,
      callback: (count, bytes) => {
        editor.take(bytes.subarray(0, count));
        bytes.fill(0);
        changed();
        return true;
      },
    },
  } as ConstructorParameters<typeof ReadStream>[1]);
  input.on('error', fail);
  input.on('end', fail);
  input.on('close', fail);
  input.setRawMode(true);
  const cancel = (): void => {
    failure ??= signal.reason;
    changed();
  };
  if (signal.aborted) cancel();
  else signal.addEventListener('abort', cancel, { once: true });
  input.resume();

  return {
    tell: (line) => screen.write(`${line}\n`),
    async readLine(prompt) {
      screen.write(prompt);
      try {
        for (;;) {
          if (failure !== undefined) throw failure;
          const next = editor.next();
          if (next.kind === 'line') return next.line;
          // The terminal sends no signal in this mode.
          if (next.kind === 'interrupted') throw new Interruption('SIGINT');
          if (next.kind === 'ended') throw new MandosError('cancelled', 'nothing was typed');
          await new Promise<void>((resolve) => {
            changed = resolve;
          });
        }
      } finally {
        screen.write('\n');
      }
    },
    [Symbol.dispose]() {
      signal.removeEventListener('abort', cancel);
      failure ??= new TypeError('the terminal was used after it was closed');
      if (!input.destroyed) {
        input.setRawMode(false);
        input.destroy();
      }
      editor[Symbol.dispose]();
      buffer.fill(0);
      screen.close();
    },
  };
}

interface Screen {
  write(text: string): void;
  close(): void;
}

function openScreen(): Screen {
  let descriptor: number;
  try {
    // A terminal that was stopped with Ctrl-S would keep us waiting, deaf to signals.
    descriptor = openSync('/dev/tty', constants.O_WRONLY | constants.O_NONBLOCK);
  } catch {
    // No controlling terminal, as in a container: what is left is standard error.
    return { write: (text) => tellPeople(text), close: () => undefined };
  }
  return {
    write: (text) => tellPeople(text, descriptor, SCREEN_PATIENCE_MILLISECONDS),
    close: () => closeSync(descriptor),
  };
}
