import { isTerminal } from '../../system/terminal.ts';
import { tellPeople } from '../../system/write-all.ts';
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
    tellPeople(`\r${what}… ${seconds} s`);
  };
  show();
  const timer = setInterval(show, 1000);
  try {
    return await work;
  } finally {
    clearInterval(timer);
    tellPeople('\r\u001b[K');
  }
};
