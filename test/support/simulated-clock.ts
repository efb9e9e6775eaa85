import { after, type Clock, type Duration, type Instant, instant } from '../../src/core/time.ts';

interface Alarm {
  readonly moment: Instant;
  readonly ring: () => void;
}

/**
 * A clock that stands still until a test moves it, so that an hour passes in a
 * millisecond. Alarms ring in the order of their moments, and between two of them
 * everything they set off gets the time to run.
 */
export class SimulatedClock implements Clock {
  #now: Instant;
  #alarms: Alarm[] = [];

  constructor(start: Instant = instant(1_000_000)) {
    this.#now = start;
  }

  now(): Instant {
    return this.#now;
  }

  /** How many alarms are set. */
  get pending(): number {
    return this.#alarms.length;
  }

  /** When the next alarm rings; undefined when none is set. */
  get next(): Instant | undefined {
    return this.#alarms[0]?.moment;
  }

  at(moment: Instant, ring: () => void): () => void {
    const alarm: Alarm = { moment, ring };
    const later = this.#alarms.findIndex((other) => other.moment > moment);
    this.#alarms.splice(later < 0 ? this.#alarms.length : later, 0, alarm);
    // As with a real clock, an alarm for a moment that has passed rings by itself.
    if (moment <= this.#now) queueMicrotask(() => this.#ring(alarm));
    return () => {
      this.#remove(alarm);
    };
  }

  /** Lets time pass, ringing each alarm at its very moment. */
  async advance(duration: Duration): Promise<void> {
    const end = after(this.#now, duration);
    await settle();
    for (let first = this.#due(end); first !== undefined; first = this.#due(end)) {
      if (first.moment > this.#now) this.#now = first.moment;
      this.#ring(first);
      await settle();
    }
    this.#now = end;
    await settle();
  }

  /** As a suspend: time has passed, and every alarm that was due rings only afterwards. */
  async sleep(duration: Duration): Promise<void> {
    this.#now = after(this.#now, duration);
    for (let first = this.#due(this.#now); first !== undefined; first = this.#due(this.#now)) {
      this.#ring(first);
    }
    await settle();
  }

  #due(end: Instant): Alarm | undefined {
    const [first] = this.#alarms;
    return first !== undefined && first.moment <= end ? first : undefined;
  }

  #ring(alarm: Alarm): void {
    if (this.#remove(alarm)) alarm.ring();
  }

  #remove(alarm: Alarm): boolean {
    const index = this.#alarms.indexOf(alarm);
    if (index < 0) return false;
    this.#alarms.splice(index, 1);
    return true;
  }
}

/** Lets everything run that waits for nothing but its turn. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 4; turn++) await new Promise((resolve) => setImmediate(resolve));
}
