import { ExitStatus, MandosError } from '../core/error.ts';
import type { Log } from '../core/log.ts';
import { forbidDumps } from '../native/libc.ts';
import { interruptible } from '../system/interruptible.ts';
import { pluginLog } from './plugin-log-node.ts';

/**
 * The frame of a plugin's program: an error becomes a line and an exit status, a signal ends
 * the process by itself once `work` has put everything right, and nothing keeps the process
 * once `work` is done, as it may have held a password (S4).
 */
export async function runPluginProgram(
  name: string,
  work: (stop: AbortSignal) => Promise<number>,
): Promise<never> {
  const log = pluginLog(name, 'error');
  process.exit(await statusOf(work, log));
}

async function statusOf(work: (stop: AbortSignal) => Promise<number>, log: Log): Promise<number> {
  try {
    keepMemoryPrivate(log);
    return await interruptible(work);
  } catch (error) {
    tellError(error, log);
    return error instanceof MandosError ? error.exitCode : ExitStatus.software;
  }
}

/** Goes on without, as a password that comes is worth more. */
export function keepMemoryPrivate(log: Log): void {
  try {
    forbidDumps();
  } catch (error) {
    log.log('debug', `core dumps cannot be forbidden (${String(error)})`);
  }
}

export function tellError(error: unknown, log: Log): void {
  if (!(error instanceof MandosError)) throw error;
  log.log('error', error.message);
  if (error.hint !== undefined) log.log('error', `hint: ${error.hint}`);
}
