import type { StoredMoment } from '../../core/moment.ts';
import type { Job } from './job.ts';
import { isStrict } from './ledger-record.ts';
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
import type { StateContent } from './state-content.ts';

/** What is written together, and whom its end concerns. One of the two is called, once. */
export interface Batch {
  readonly job: Job;
  durable(): void;
  /** Nothing was done, but for the strict entries when `strictDone`. */
  putBack(strictDone: boolean): void;
}

/** All that was asked for and is not durable yet, and who waits for it. */
export class Unwritten {
  /** How many ledger entries there are about each name, those not yet written included. */
  readonly #entries = new Map<string, number>();
  readonly #sealed = new Map<string, Uint8Array>();
  #changes: PendingChanges = new Map();
  #completing: PromiseWithResolvers<void> | null = null;
  #touching: PromiseWithResolvers<void> | null = null;

  constructor({ rows, known }: StateContent) {
    for (const [name, { entries }] of known) this.#entries.set(name, entries);
    for (const [name, { sealed }] of rows) if (sealed !== null) this.#sealed.set(name, sealed);
  }

  /** Whether there are changes of clients. */
  get hasChanges(): boolean {
    return this.#changes.size > 0;
  }

  ledgerEntries(name: string): number {
    return this.#entries.get(name) ?? 0;
  }

  /** Resolves when the change is durable, for a strict one when the ledger has it. */
  add({ name, row, sealed, ledger }: StoreChange, now: () => StoredMoment): Promise<void> {
    const pending = this.#changes.get(name) ?? emptyChange();
    this.#changes.set(name, pending);
    if (ledger !== null) {
      this.#entries.set(name, this.ledgerEntries(name) + 1);
      pending.entries.push({ name, at: Math.round(now().wall), change: ledger });
    }
    if (sealed !== undefined) this.#setSealed(name, sealed);
    if (row === null) this.#setSealed(name, null);
    if (row !== undefined) pending.row = row === null ? null : this.#row(row);
    const durable = handled(Promise.withResolvers<void>());
    pending.waiters.push({
      strict: ledger !== null && isStrict(ledger),
      settle: (error) => (error === null ? durable.resolve() : durable.reject(error)),
    });
    return durable.promise;
  }

  /** Resolves when a sign of life is durable. */
  touch(): Promise<void> {
    this.#touching ??= handled(Promise.withResolvers<void>());
    return this.#touching.promise;
  }

  /** Resolves when it is durable that the state is complete. */
  markComplete(): Promise<void> {
    this.#completing ??= handled(Promise.withResolvers<void>());
    return this.#completing.promise;
  }

  /** Takes the changes of at most `most` clients, those that may not wait first. */
  take(most: number, now: () => StoredMoment): Batch {
    const changes = takeSome(this.#changes, most);
    const touching = this.#touching;
    // Only when nothing asked for before is left.
    const completing = this.hasChanges ? null : this.#completing;
    this.#touching = null;
    if (completing !== null) this.#completing = null;
    return {
      job: jobOf(changes, completing !== null, now()),
      durable: () => {
        for (const { waiters } of changes.values()) settle(waiters, null);
        touching?.resolve();
        completing?.resolve();
      },
      putBack: (strictDone) => {
        this.#completing ??= completing;
        this.#touching ??= touching;
        const left = strictDone
          ? new Map([...changes].map(([name, change]) => [name, withoutStrict(change)]))
          : changes;
        putBack(this.#changes, left);
      },
    };
  }

  /** Nothing of it will become durable any more. */
  rejectAll(error: unknown): void {
    for (const { waiters } of this.#changes.values()) settle(waiters, error);
    this.#changes = new Map();
    this.#touching?.reject(error);
    this.#completing?.reject(error);
    this.#touching = null;
    this.#completing = null;
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
}

function settle(waiters: PendingChange['waiters'], error: unknown): void {
  for (const waiter of waiters) waiter.settle(error);
}

/** Not everybody who asks for a write waits for it. */
function handled<T>(resolvers: PromiseWithResolvers<T>): PromiseWithResolvers<T> {
  resolvers.promise.catch(() => undefined);
  return resolvers;
}
