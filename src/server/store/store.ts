import type { MandosError } from '../../core/error.ts';
import type { Log } from '../../core/log.ts';
import type { StoredMoment } from '../../core/moment.ts';
import { DiskHealth } from './disk-health.ts';
import { type Job, type JobOutcome, received } from './job.ts';
import { isStrict } from './ledger-record.ts';
import type { StoreChange } from './pending-changes.ts';
import type { StateContent } from './state-content.ts';
import { storeFailed } from './store-failed.ts';
import type { Work } from './store-work.ts';
import { StoreThread } from './thread.ts';
import { Unwritten } from './unwritten.ts';

export interface StoreOptions {
  /** `/var/lib/mandos` or as `--statedir` says. */
  readonly directory: string;
  /** Now, on both clocks. */
  readonly now: () => StoredMoment;
  readonly log: Log;
  /** After so many milliseconds the operator is told that the disk does not end a write. */
  readonly slow?: number;
}

export interface OpenedStore {
  readonly store: Store;
  readonly content: StateContent;
}

/** At most so many clients in one transaction, so that a lock-out never waits for thousands. */
const MOST_AT_ONCE = 250;
/**
 * After a write the next one waits this long, unless it is urgent: what hundreds of clients a
 * second bring about becomes durable together instead of one by one.
 */
const PAUSE = 50;

/**
 * Everything the server must not forget (F1, F2). Changes asked for in one turn of the event
 * loop, or while others are being written, become durable together.
 */
export class Store implements AsyncDisposable {
  /**
   * Resolves when the store has ended by itself. Nothing becomes durable any more and only a new
   * start helps: the server is to end, so that whoever watches it starts it again.
   */
  readonly failure: Promise<MandosError>;
  readonly #failing = Promise.withResolvers<MandosError>();
  readonly #thread: StoreThread;
  readonly #options: StoreOptions;
  readonly #unwritten: Unwritten;
  readonly #health: DiskHealth;
  #work: Work = { kind: 'idle' };
  /** Whether something came during a write that is to be written right after it. */
  #urgent = false;
  /** When the last write ended, on the clock of `performance`. */
  #lastWrite = -PAUSE;
  #idle: (() => void) | null = null;

  private constructor(thread: StoreThread, options: StoreOptions, content: StateContent) {
    this.#thread = thread;
    this.#options = options;
    this.#unwritten = new Unwritten(content);
    this.#health = new DiskHealth(options.directory, options.log, options.slow);
    this.failure = this.#failing.promise;
    void thread.ended.then((error) => this.#fail(error));
  }

  /**
   * Opens the state, or begins one at a first start (F1). Whatever cannot be believed comes
   * back locked out, with a problem that says so. Throws `MandosError` when the state can
   * neither be read nor replaced: nobody is to be served then.
   */
  static async open(
    options: StoreOptions,
    thread: StoreThread = new StoreThread(),
  ): Promise<OpenedStore> {
    const { directory, now } = options;
    const answer = await thread.ask({ kind: 'open', directory, now: now() });
    if (answer.kind === 'opened') {
      const { content } = answer;
      return { store: new Store(thread, options, content), content };
    }
    await thread.stop();
    if (answer.kind === 'not opened') throw received(answer.error);
    throw new Error(`the store answered '${answer.kind}'`);
  }

  /**
   * Resolves when all of the changes are durable: then, and not before, what enables or
   * lengthens a life may take effect. Lock-outs, removals and denials take effect at once;
   * they are durable as soon as the ledger has them. While the disk fails, everything is
   * tried again and again; rejects only when the store itself has ended.
   */
  async save(changes: readonly StoreChange[]): Promise<void> {
    if (changes.length === 0) return;
    await Promise.all(
      changes.map((change) => {
        const { ledger } = change;
        const urgent = ledger !== null && isStrict(ledger);
        return this.#ask(urgent, () => this.#unwritten.add(change, this.#options.now));
      }),
    );
  }

  /** Stores a sign of life (F3); resolves when it is durable. */
  touch(): Promise<void> {
    return this.#ask(true, () => this.#unwritten.touch());
  }

  /** From here on a name without a past is a new client's (see `StateContent.complete`). */
  markComplete(): Promise<void> {
    return this.#ask(true, () => this.#unwritten.markComplete());
  }

  /** How many ledger entries there are about this name, those not yet written included. */
  ledgerEntries(name: string): number {
    return this.#unwritten.ledgerEntries(name);
  }

  /** Whether the disk refused the last write or does not end it, or there is no writing any more. */
  get failing(): boolean {
    return this.#health.failing || this.#work.kind === 'failed';
  }

  /** Writes what can be written, once, and closes the files. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#work.kind === 'closed') return;
    this.#schedule(true);
    while (this.#work.kind === 'scheduled' || this.#work.kind === 'writing') {
      await new Promise<void>((resolve) => {
        this.#idle = resolve;
      });
    }
    if (this.#work.kind === 'waiting') clearTimeout(this.#work.timer);
    const failed = this.#work.kind === 'failed';
    this.#work = { kind: 'closed' };
    this.#unwritten.rejectAll(new Error('the store was closed'));
    if (!failed) await this.#thread.ask({ kind: 'close' });
    await this.#thread.stop();
  }

  #ask(urgent: boolean, add: () => Promise<void>): Promise<void> {
    const ended = this.#endedError();
    if (ended !== null) return Promise.reject(ended);
    const durable = add();
    this.#schedule(urgent);
    return durable;
  }

  /** Why nothing can be stored any more; null while it can. */
  #endedError(): Error | null {
    if (this.#work.kind === 'failed') return this.#work.error;
    return this.#work.kind === 'closed' ? new Error('the store was closed') : null;
  }

  /** Writes at the end of this turn; `urgent` does not wait for the time of the next try. */
  #schedule(urgent: boolean): void {
    switch (this.#work.kind) {
      case 'waiting':
        if (!urgent) return;
        clearTimeout(this.#work.timer);
        break;
      case 'idle': {
        const pause = urgent ? 0 : this.#lastWrite + PAUSE - performance.now();
        if (pause > 0) {
          this.#wait(pause);
          return;
        }
        break;
      }
      case 'writing':
        this.#urgent ||= urgent;
        return;
      case 'scheduled':
      case 'failed':
      case 'closed':
        return;
    }
    this.#work = { kind: 'scheduled' };
    setImmediate(() => {
      this.#write().catch((error) => this.#fail(error));
    });
  }

  async #write(): Promise<void> {
    if (this.#work.kind !== 'scheduled') return;
    this.#work = { kind: 'writing' };
    for (let more = true; more || this.#urgent; ) {
      this.#urgent = false;
      const batch = this.#unwritten.take(MOST_AT_ONCE, this.#options.now);
      // What comes while this is written may wait; what was asked for before may not.
      more = this.#unwritten.hasChanges;
      let outcome: JobOutcome;
      try {
        outcome = await this.#carryOut(batch.job);
      } catch (error) {
        batch.putBack(false);
        throw error;
      }
      if (outcome.kind === 'failed') {
        batch.putBack(outcome.strictDone);
        this.#urgent = false;
        this.#wait(this.#health.refused(outcome.reason));
        this.#idle?.();
        return;
      }
      this.#health.wrote();
      batch.durable();
    }
    this.#lastWrite = performance.now();
    this.#work = { kind: 'idle' };
    this.#idle?.();
    if (this.#unwritten.hasChanges) this.#schedule(false);
  }

  async #carryOut(job: Job): Promise<JobOutcome> {
    const answer = await this.#health.watch(this.#thread.ask({ kind: 'job', job }));
    if (answer.kind !== 'job') throw new Error(`the store answered '${answer.kind}'`);
    return answer.outcome;
  }

  #wait(milliseconds: number): void {
    const timer = setTimeout(() => {
      this.#work = { kind: 'idle' };
      this.#schedule(true);
    }, milliseconds);
    this.#work = { kind: 'waiting', timer };
  }

  /** The thread is gone: nothing will become durable any more. */
  #fail(cause: unknown): void {
    const before = this.#endedError();
    if (before !== null) {
      // What was being written then has come back now.
      this.#unwritten.rejectAll(before);
      return;
    }
    if (this.#work.kind === 'waiting') clearTimeout(this.#work.timer);
    const error = storeFailed(this.#options.directory, cause);
    this.#work = { kind: 'failed', error };
    this.#unwritten.rejectAll(error);
    this.#idle?.();
    this.#failing.resolve(error);
  }
}
