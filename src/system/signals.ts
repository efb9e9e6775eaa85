import type { Log } from '../core/log.ts';

const ENDING = ['SIGTERM', 'SIGINT', 'SIGHUP'] as const;

/**
 * Resolves at the first signal that asks the program to end. Later ones change nothing; a
 * broken pipe and SIGUSR2, which would otherwise end the process, are ignored. SIGUSR1 is
 * switched off by a flag at the start of the runtime, where it would open a debugger (L5).
 */
export function untilSignal(log: Log): Promise<NodeJS.Signals> {
  for (const signal of ['SIGUSR2', 'SIGPIPE'] as const) {
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
