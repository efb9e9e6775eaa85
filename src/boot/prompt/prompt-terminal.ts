import type { Cancellation } from '../../core/cancellation.ts';
import type { Password } from '../../core/secret.ts';

/** Where a person sits; `prompt-terminal-node.ts` is Node's. */
export interface PromptTerminal {
  /** Whether standard input is a terminal. */
  readonly isTerminal: boolean;
  /**
   * Shows `prompt` and reads a line that is not shown. The terminal is as it was before when
   * this ends, however it ends.
   * @returns the receiver's to wipe; null when nobody can type any more
   * @throws `cancel.reason` as soon as that is aborted
   */
  ask(prompt: string, cancel: Cancellation): Promise<Password | null>;
}

/** What is looked for before a prompt; `process-search-node.ts` is Node's. */
export interface ProcessSearch {
  /** Whether there is a PID file, unless the process that it names has ended. */
  pidFileHolds(path: string): boolean;
  /** Whether a process of this name runs; one that has ended and is still listed does not. */
  isRunning(name: string): boolean;
}
