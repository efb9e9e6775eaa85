import { succeed } from './process.ts';
import { inRepository } from './repository.ts';

export type Step =
  /** Waits until the program has shown this. */
  | { readonly expect: string }
  /** Waits until the terminal shows, or does not show, what is typed. */
  | { readonly echo: boolean }
  /** Types; a character up to U+00FF is a byte. */
  | { readonly type: string }
  | { readonly signal: number }
  | { readonly hangup: true }
  /** As the first step: standard output is the terminal, too. */
  | { readonly stdout: 'terminal' }
  /** The terminal takes nothing more. */
  | { readonly stuck: true }
  /** Waits for the end without reading from the terminal. */
  | { readonly ended: true };

export interface TerminalOutcome {
  readonly shown: string;
  readonly output: string;
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** Whether the terminal shows what is typed, at the end. */
  readonly echo: boolean | null;
}

/**
 * Runs a program with a pseudo-terminal as its controlling terminal, standard input and
 * standard error; standard output is a pipe unless told.
 */
export async function onATerminal(
  command: readonly string[],
  steps: readonly Step[],
): Promise<TerminalOutcome> {
  const driver = inRepository('test/support/on-a-terminal.py');
  const args = ['-B', driver, JSON.stringify(steps), ...command];
  return JSON.parse((await succeed('/usr/bin/python3', args, { timeout: 60_000 })).toString());
}
