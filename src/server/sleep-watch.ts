import { type Duration, milliseconds } from '../core/time.ts';
import { bootTime } from '../native/libc.ts';

/** Less than this is measuring, not sleeping. */
const SHORTEST_SLEEP = 500;

/** How far the clock that goes on in suspend is ahead of the one that stands still then. */
function suspended(): number {
  return bootTime() - Number(process.hrtime.bigint()) / 1e6;
}

/** Notices that the machine was asleep: sleep is downtime (F3). */
export class SleepWatch {
  readonly #measure: () => number;
  #before: number;

  /** @param measure milliseconds of suspend since boot, give or take a constant */
  constructor(measure: () => number = suspended) {
    this.#measure = measure;
    this.#before = measure();
  }

  /** How long the machine slept since the last call; null when it did not. */
  take(): Duration | null {
    const now = this.#measure();
    const slept = now - this.#before;
    if (slept < SHORTEST_SLEEP) return null;
    this.#before = now;
    return milliseconds(Math.round(slept));
  }
}
