import { ExitStatus, MandosError } from '../../core/error.ts';
import type { Log } from '../../core/log.ts';
import type { StoredMoment } from '../../core/moment.ts';
import { type Answer, type Job, type JobOutcome, received } from './job.ts';
import { isStrict } from './ledger-record.ts';
import type { StateContent } from './open-state.ts';
import {
  emptyChange,
  jobOf,
  type PendingChange,
  type PendingChanges,
  putBack,
  type StoreChange,
  takeSome,
  withoutStrict,
} from './pending-changes.ts';
import type { Row } from './row-format.ts';
import type { Work } from './store-work.ts';
import { StoreThread } from './thread.ts';

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
/** A disk that takes longer than this is not well. */
const SLOW = 10_000;
const FIRST_RETRY = 500;
const LAST_RETRY = 10_000;

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
  readonly #entries = new Map<string, number>();
  readonly #sealed = new Map<string, Uint8Array>();
  #pending: PendingChanges = new Map();
  #completing: PromiseWithResolvers<void> | null = null;
  #touching: PromiseWithResolvers<void> | null = null;
  #work: Work = { kind: 'idle' };
  /** Whether something came during a write that is to be written right after it. */
  #urgent = false;
  /** When the last write ended, on the clock of `performance`. */
  #lastWrite = -PAUSE;
  #retryAfter = FIRST_RETRY;
  /** Whether the disk takes too long. */
  #stuck = false;
  #idle: (() => void) | null = null;

  private constructor(thread: StoreThread, options: StoreOptions, { rows, known }: StateContent) {
    this.#thread = thread;
    this.#options = options;
    this.failure = this.#failing.promise;
    void thread.ended.then((error) => this.#fail(error));
    for (const [name, { entries }] of known) this.#entries.set(name, entries);
    for (const [name, { sealed }] of rows) if (sealed !== null) this.#sealed.set(name, sealed);
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
    await Promise.all(changes.map((change) => this.#add(change)));
  }

  /** Stores a sign of life (F3); resolves when it is durable. */
  touch(): Promise<void> {
    const ended = this.#endedError();
    if (ended !== null) return Promise.reject(ended);
    this.#touching ??= handled(Promise.withResolvers<void>());
    this.#schedule(true);
    return this.#touching.promise;
  }

  /** From here on a name without a past is a new client's (see `StateContent.complete`). */
  markComplete(): Promise<void> {
    const ended = this.#endedError();
    if (ended !== null) return Promise.reject(ended);
    this.#completing ??= handled(Promise.withResolvers<void>());
    this.#schedule(true);
    return this.#completing.promise;
  }

  /** How many ledger entries there are about this name, those not yet written included. */
  ledgerEntries(name: string): number {
    return this.#entries.get(name) ?? 0;
  }

  /** Whether the disk refused the last write or does not end it, or there is no writing any more. */
  get failing(): boolean {
    return this.#refused || this.#stuck || this.#work.kind === 'failed';
  }

  get #refused(): boolean {
    return this.#retryAfter !== FIRST_RETRY;
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
    this.#settleAll(new Error('the store was closed'));
    if (!failed) await this.#thread.ask({ kind: 'close' });
    await this.#thread.stop();
  }

  #add({ name, row, sealed, ledger }: StoreChange): Promise<void> {
    const ended = this.#endedError();
    if (ended !== null) return Promise.reject(ended);
    const pending = this.#pending.get(name) ?? emptyChange();
    this.#pending.set(name, pending);
    if (ledger !== null) {
      this.#entries.set(name, this.ledgerEntries(name) + 1);
      pending.entries.push({ name, at: Math.round(this.#options.now().wall), change: ledger });
    }
    if (sealed !== undefined) this.#setSealed(name, sealed);
    if (row === null) this.#setSealed(name, null);
    if (row !== undefined) pending.row = row === null ? null : this.#row(row);
    const strict = ledger !== null && isStrict(ledger);
    const durable = handled(Promise.withResolvers<void>());
    pending.waiters.push({
      strict,
      settle: (error) => (error === null ? durable.resolve() : durable.reject(error)),
    });
    this.#schedule(strict);
    return durable.promise;
  }

  /** Why nothing can be stored any more; null while it can. */
  #endedError(): Error | null {
    if (this.#work.kind === 'failed') return this.#work.error;
    return this.#work.kind === 'closed' ? new Error('the store was closed') : null;
  }

  #row(client: NonNullable<StoreChange['row']>): Row {
    const { name } = client;
    const ledgerEntries = this.ledgerEntries(name);
    return { client: { ...client, ledgerEntries }, sealed: this.#sealed.get(name) ?? null };
  }

  #setSealed(name: string, sealed: Uint8Array | null): void {
    if (sealed === null) this.#sealed.delete(name);
    else this.#sealed.set(name, sealed);
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
      const changes = takeSome(this.#pending, MOST_AT_ONCE);
      // What comes while this is written may wait; what was asked for before may not.
      more = this.#pending.size > 0;
      const touching = this.#touching;
      // Only when nothing asked for before is left.
      const completing = this.#pending.size === 0 ? this.#completing : null;
      this.#touching = null;
      if (completing !== null) this.#completing = null;
      const job = jobOf(changes, completing !== null, this.#options.now());
      const unfinished = (): void => {
        this.#completing ??= completing;
        this.#touching ??= touching;
      };
      let outcome: JobOutcome;
      try {
        outcome = await this.#carryOut(job);
      } catch (error) {
        unfinished();
        putBack(this.#pending, changes);
        throw error;
      }
      if (outcome.kind === 'durable') {
        this.#recovered();
        for (const { waiters } of changes.values()) settle(waiters, null);
        touching?.resolve();
        completing?.resolve();
        continue;
      }
      unfinished();
      const left = outcome.strictDone
        ? new Map([...changes].map(([name, change]) => [name, withoutStrict(change)]))
        : changes;
      putBack(this.#pending, left);
      this.#retry(outcome.reason);
      return;
    }
    this.#lastWrite = performance.now();
    this.#work = { kind: 'idle' };
    this.#idle?.();
    if (this.#pending.size > 0) this.#schedule(false);
  }

  async #carryOut(job: Job): Promise<JobOutcome> {
    const { log, directory, slow = SLOW } = this.#options;
    const timer = setTimeout(() => {
      this.#stuck = true;
      log.log(
        'error',
        `writing to '${directory}' has taken ${slow / 1000} s and goes on; until it is done, ` +
          'nothing that enables or lengthens a life has an effect',
      );
    }, slow);
    let answer: Answer;
    try {
      answer = await this.#thread.ask({ kind: 'job', job });
    } finally {
      clearTimeout(timer);
    }
    this.#answered();
    if (answer.kind !== 'job') throw new Error(`the store answered '${answer.kind}'`);
    return answer.outcome;
  }

  #answered(): void {
    if (!this.#stuck) return;
    this.#stuck = false;
    this.#options.log.log('warning', `the writing to '${this.#options.directory}' is done`);
  }

  #retry(reason: string): void {
    if (!this.#refused) {
      this.#options.log.log(
        'error',
        `cannot write to '${this.#options.directory}': ${reason}; lock-outs and denials act all ` +
          'the same, nothing that enables or lengthens a life does until this is repaired',
      );
    }
    this.#urgent = false;
    this.#wait(this.#retryAfter);
    this.#retryAfter = Math.min(this.#retryAfter * 2, LAST_RETRY);
    this.#idle?.();
  }

  #wait(milliseconds: number): void {
    const timer = setTimeout(() => {
      this.#work = { kind: 'idle' };
      this.#schedule(true);
    }, milliseconds);
    this.#work = { kind: 'waiting', timer };
  }

  #recovered(): void {
    if (!this.#refused) return;
    this.#retryAfter = FIRST_RETRY;
    this.#options.log.log('warning', `'${this.#options.directory}' can be written to again`);
  }

  /** The thread is gone: nothing will become durable any more. */
  #fail(cause: unknown): void {
    const before = this.#endedError();
    if (before !== null) {
      // What was being written then has come back now.
      this.#settleAll(before);
      return;
    }
    if (this.#work.kind === 'waiting') clearTimeout(this.#work.timer);
    const error = storeFailed(this.#options.directory, cause);
    this.#work = { kind: 'failed', error };
    this.#settleAll(error);
    this.#idle?.();
    this.#failing.resolve(error);
  }

  #settleAll(error: unknown): void {
    for (const { waiters } of this.#pending.values()) settle(waiters, error);
    this.#pending = new Map();
    this.#touching?.reject(error);
    this.#completing?.reject(error);
    this.#touching = null;
    this.#completing = null;
  }
}

function settle(waiters: PendingChange['waiters'], error: unknown): void {
  for (const waiter of waiters) waiter.settle(error);
}

function storeFailed(directory: string, cause: unknown): MandosError {
  const reasons: string[] = [];
  for (let error = cause; error instanceof Error; error = error.cause) reasons.push(error.message);
  const why = reasons.join(': ');
  return new MandosError('program', `nothing can be stored in '${directory}' any more: ${why}`, {
    exitCode: ExitStatus.software,
    hint: 'start the server again; what was stored is whole',
    cause,
  });
}

/** Not everybody who asks for a write waits for it. */
function handled<T>(resolvers: PromiseWithResolvers<T>): PromiseWithResolvers<T> {
  resolvers.promise.catch(() => undefined);
  return resolvers;
}
