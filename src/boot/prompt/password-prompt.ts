import type { Cancellation } from '../../core/cancellation.ts';
import { ExitStatus, MandosError } from '../../core/error.ts';
import type { Log } from '../../core/log.ts';
import type { Password } from '../../core/secret.ts';
import type { ProcessSearch, PromptTerminal } from './prompt-terminal.ts';
import { consolePrompt, type Disk, type PromptWishes } from './prompt-text.ts';

const PLYMOUTH_PID_FILE = '/run/plymouth/pid';
const PLYMOUTH = 'plymouthd';

export interface PromptMachine {
  readonly terminal: PromptTerminal;
  readonly processes: ProcessSearch;
  readonly log: Log;
}

/**
 * Asks for the password on the console (password-prompt(8mandos)).
 * @returns the receiver's to wipe
 * @throws MandosError `refused` (status 1) when Plymouth has the console, `unsupported` (69)
 *   without a terminal; `cancel.reason`
 */
export async function promptForPassword(
  wishes: PromptWishes,
  disk: Disk,
  machine: PromptMachine,
  cancel: Cancellation,
): Promise<Password> {
  const { terminal, processes, log } = machine;
  if (processes.pidFileHolds(PLYMOUTH_PID_FILE) || processes.isRunning(PLYMOUTH)) {
    throw new MandosError('refused', 'plymouth is running; leaving the terminal to it');
  }
  if (!terminal.isTerminal) {
    throw new MandosError('unsupported', 'standard input is no terminal', {
      exitCode: ExitStatus.unavailable,
    });
  }
  log.log('debug', 'asking on the terminal');
  const password = await terminal.ask(consolePrompt(wishes, disk), cancel);
  if (password !== null) return password;
  throw new MandosError('cancelled', 'the terminal went away', {
    exitCode: ExitStatus.unavailable,
  });
}
