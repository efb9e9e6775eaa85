import type { Clock, Instant } from '../core/time.ts';
import { ExpiryQueue } from './expiry-queue.ts';

/** One alarm for everybody: whoever is due is woken, earliest first. */
export class WakeUps<T> {
  readonly #clock: Clock;
  readonly #wake: (sleeper: T) => void;
  readonly #queue = new ExpiryQueue<T>();
  #alarm: { readonly at: Instant; readonly callOff: () => void } | null = null;

  constructor(clock: Clock, wake: (sleeper: T) => void) {
    this.#clock = clock;
    this.#wake = wake;
  }

  /** Wakes `sleeper`, known as `name`, at the moment; null: not any more. */
  set(name: string, sleeper: T, moment: Instant | null): void {
    if (moment === null) this.#queue.remove(name);
    else this.#queue.put(name, moment, sleeper);
    this.#arm();
  }

  close(): void {
    this.#queue.clear();
    this.#alarm?.callOff();
    this.#alarm = null;
  }

  #arm(): void {
    const next = this.#queue.next;
    if (next === undefined || (this.#alarm !== null && this.#alarm.at <= next)) return;
    this.#alarm?.callOff();
    this.#alarm = { at: next, callOff: this.#clock.at(next, () => this.#ring()) };
  }

  #ring(): void {
    this.#alarm = null;
    const now = this.#clock.now();
    for (let next = this.#queue.next; next !== undefined && next <= now; next = this.#queue.next) {
      const sleeper = this.#queue.take();
      if (sleeper !== undefined) this.#wake(sleeper);
    }
    this.#arm();
  }
}
