import { type Clock, type Instant, instant } from '../core/time.ts';
import { bootTime } from '../native/libc.ts';

/**
 * `setTimeout` fires at once for more than 24.8 days and stands still while the machine
 * sleeps, so a long wait is a chain of short ones, each checked against the real clock.
 */
const LONGEST_STEP = 60_000;

/** The machine's boot-time clock (F3). */
export const bootClock: Clock = {
  now(): Instant {
    return instant(bootTime());
  },

  at(moment: Instant, alarm: () => void): () => void {
    let timer: NodeJS.Timeout;
    const wait = (): void => {
      const left = Math.ceil(moment - bootTime());
      timer = setTimeout(
        () => (bootTime() >= moment ? alarm() : wait()),
        Math.min(Math.max(left, 0), LONGEST_STEP),
      );
    };
    wait();
    return () => clearTimeout(timer);
  },
};
