import { writeSync } from 'node:fs';
import { isTerminal } from '../../system/terminal.ts';
import type { Watch } from './make-keys.ts';

/**
 * A line on standard error that counts the seconds while something slow is done, and is
 * gone afterwards. Only on a terminal; a log is not filled with it.
 */
export const watchOnTerminal: Watch = async (what, work) => {
  if (!isTerminal(2)) return await work;
  const start = performance.now();
  const show = (): void => {
    const seconds = Math.floor((performance.now() - start) / 1000);
    writeSync(2, `\r${what}… ${seconds} s`);
  };
  show();
  const timer = setInterval(show, 1000);
  try {
    return await work;
  } finally {
    clearInterval(timer);
    writeSync(2, '\r\u001b[K');
  }
};
