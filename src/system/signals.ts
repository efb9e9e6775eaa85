import process from 'node:process';
import type { Log } from '../core/log.ts';

const ENDING = ['SIGTERM', 'SIGINT', 'SIGHUP'] as const;

/**
 * Resolves at the first signal that asks the program to end. Later ones change nothing; a
 * broken pipe and SIGUSR1, which would otherwise end the process, are ignored.
 */
export function untilSignal(log: Log): Promise<NodeJS.Signals> {
  for (const signal of ['SIGUSR1', 'SIGUSR2', 'SIGPIPE'] as const) {
    process.on(signal, () => log.log('debug', `ignored ${signal}`));
  }
  return new Promise((resolve) => {
    for (const signal of ENDING) {
      process.on(signal, () => {
        log.log('debug', `got ${signal}`);
        resolve(signal);
      });
    }
  });
}
