import { closeSync, constants, openSync } from 'node:fs';
import { type Cancellation, orCancelled } from '../../core/cancellation.ts';
import { MandosError } from '../../core/error.ts';
import { Password } from '../../core/secret.ts';
import { Interruption } from '../../system/interruptible.ts';
import { isTerminal, openSilentTerminal, type SilentTerminal } from '../../system/terminal.ts';
import type { PromptTerminal } from './prompt-terminal.ts';

const STDIN = 0;

/** The terminal that is standard input. */
export function standardTerminal(): PromptTerminal {
  return terminalAt(STDIN);
}

/**
 * The terminal that controls this process, or else standard input; what getpass(3), by which
 * the original asks as a last resort, takes.
 */
export function controllingTerminal(): PromptTerminal {
  let descriptor: number;
  try {
    descriptor = openSync('/dev/tty', constants.O_RDWR);
  } catch {
    return terminalAt(STDIN);
  }
  return terminalAt(descriptor);
}

function terminalAt(descriptor: number): PromptTerminal {
  return {
    isTerminal: isTerminal(descriptor),
    async ask(prompt, cancel) {
      if (!isTerminal(descriptor)) return null;
      using terminal = openSilentTerminal(descriptor, cancel);
      return await askAgain(terminal, prompt, cancel);
    },
  };
}

/** Asks until a line is typed: who presses Ctrl-D must not be left without a prompt (C2). */
async function askAgain(
  terminal: SilentTerminal,
  prompt: string,
  cancel: Cancellation,
): Promise<Password | null> {
  let before: unknown;
  for (;;) {
    try {
      return new Password(await terminal.readLine(prompt));
    } catch (error) {
      if (cancel.aborted) throw cancel.reason;
      if (error instanceof Interruption) await interrupt(error, cancel);
      else if (!(error instanceof MandosError)) throw error;
      // A terminal that has gone says so each time with the same error.
      if (error === before) return null;
      before = error;
    }
  }
}

/**
 * Ctrl-C means what it means elsewhere where there is a controlling terminal. Without one, as
 * in an initramfs, it means nothing: the boot must not end by a slip of the hand (F5).
 */
async function interrupt(interruption: Interruption, cancel: Cancellation): Promise<void> {
  try {
    closeSync(openSync('/dev/tty', constants.O_RDONLY));
  } catch {
    return;
  }
  process.kill(process.pid, interruption.signal);
  await orCancelled(new Promise<never>(() => undefined), cancel);
}
