import type { Log } from '../../core/log.ts';

/** A disk that takes longer than this is not well. */
const SLOW = 10_000;
const FIRST_RETRY = 500;
const LAST_RETRY = 10_000;

/** Whether the disk takes what is written, and what the operator is told when it does not (F2). */
export class DiskHealth {
  readonly #directory: string;
  readonly #log: Log;
  readonly #slow: number;
  #retryAfter = FIRST_RETRY;
  /** Whether the disk takes too long. */
  #stuck = false;

  /** @param slow after so many milliseconds the operator is told that a write does not end */
  constructor(directory: string, log: Log, slow = SLOW) {
    this.#directory = directory;
    this.#log = log;
    this.#slow = slow;
  }

  /** Whether the disk refused the last write or does not end it. */
  get failing(): boolean {
    return this.#refused || this.#stuck;
  }

  get #refused(): boolean {
    return this.#retryAfter !== FIRST_RETRY;
  }

  /** The answer to a write, which may be long in coming; rejects as that does. */
  async watch<T>(answer: Promise<T>): Promise<T> {
    const timer = setTimeout(() => {
      this.#stuck = true;
      this.#log.log(
        'error',
        `writing to '${this.#directory}' has taken ${this.#slow / 1000} s and goes on; until it ` +
          'is done, nothing that enables or lengthens a life has an effect',
      );
    }, this.#slow);
    let answered: T;
    try {
      answered = await answer;
    } finally {
      clearTimeout(timer);
    }
    if (this.#stuck) {
      this.#stuck = false;
      this.#log.log('warning', `the writing to '${this.#directory}' is done`);
    }
    return answered;
  }

  /** A write was refused; gives the milliseconds after which to try again, each time more. */
  refused(reason: string): number {
    if (!this.#refused) {
      this.#log.log(
        'error',
        `cannot write to '${this.#directory}': ${reason}; lock-outs and denials act all the ` +
          'same, nothing that enables or lengthens a life does until this is repaired',
      );
    }
    const now = this.#retryAfter;
    this.#retryAfter = Math.min(now * 2, LAST_RETRY);
    return now;
  }

  /** A write is durable. */
  wrote(): void {
    if (!this.#refused) return;
    this.#retryAfter = FIRST_RETRY;
    this.#log.log('warning', `'${this.#directory}' can be written to again`);
  }
}
