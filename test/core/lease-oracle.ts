import { type Client, NOT_YET_CHECKED } from '../../src/core/client.ts';
import type { ClientEvent } from '../../src/core/client-event.ts';

/**
 * The rules of a lease once more, written apart from the code under test: what a suspicious
 * reader of the documents would note down beside a running server. Times are true times.
 */
export class LeaseOracle {
  /** When the client is dead for good; null: it is. */
  end: number | null;
  timeout: number;
  extendedTimeout: number;
  interval: number;
  #lastStatus = NOT_YET_CHECKED;
  #graceUsed = true;

  constructor({ settings, life }: Client, now: number, bootNow: number) {
    this.timeout = settings.timeout;
    this.extendedTimeout = settings.extendedTimeout;
    this.interval = settings.interval;
    this.end = life.kind === 'enabled' ? now + (life.expires.boot - bootNow) : null;
  }

  get alive(): boolean {
    return this.end !== null;
  }

  /** @param current whether a checker event is about the check that is on its way */
  note(event: ClientEvent, now: number, current: boolean): void {
    if (event.kind === 'woke') this.#downtime(now - event.slept, now);
    if (this.end !== null && now >= this.end) this.end = null;
    switch (event.kind) {
      case 'checker-completed':
        if (!current) break;
        this.#lastStatus = event.waitStatus;
        if (event.waitStatus === 0) this.#seenAlive(now);
        break;
      case 'checked-ok':
        this.#lastStatus = 0;
        this.#seenAlive(now);
        break;
      case 'secret-sent':
        if (this.end !== null) this.end = now + this.extendedTimeout;
        break;
      case 'enable':
        if (this.end === null) {
          this.end = now + 2 * this.interval;
          this.#graceUsed = true;
        }
        break;
      case 'disable':
        this.end = null;
        break;
      case 'set':
        this.#set(event.property, Number(event.value));
        break;
    }
    if (this.end !== null && now >= this.end) this.end = null;
  }

  #downtime(start: number, now: number): void {
    if (this.end === null) return;
    if (start >= this.end) this.end = null;
    else if (this.#lastStatus === 0 && !this.#graceUsed && now + this.timeout > this.end) {
      this.end = now + this.timeout;
      this.#graceUsed = true;
    }
  }

  #seenAlive(now: number): void {
    if (this.end === null) return;
    this.end = now + this.timeout;
    this.#graceUsed = false;
  }

  #set(property: string, value: number): void {
    if (property === 'Interval') this.interval = value;
    if (property === 'ExtendedTimeout') this.extendedTimeout = value;
    if (property !== 'Timeout') return;
    if (this.end !== null) this.end += value - this.timeout;
    this.timeout = value;
  }
}
