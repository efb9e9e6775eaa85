/** Changes that are not durable yet: the latest row of each client and all ledger entries. */
import type { LedgerChange, LedgerEntry } from '../../core/ledger-entry.ts';
import type { StoredMoment } from '../../core/moment.ts';
import type { StoredClient } from '../../core/stored-client.ts';
import type { Job } from './job.ts';
import { isStrict } from './ledger-record.ts';
import type { Row } from './row-format.ts';

/** One client's change, as the server asks for it. */
export interface StoreChange {
  readonly name: string;
  /** Null drops the row; undefined leaves it. The store counts the ledger's entries itself. */
  readonly row: StoredClient | null | undefined;
  /** The sealed secret from now on: null is that of clients.conf; undefined leaves it. */
  readonly sealed?: Uint8Array | null;
  readonly ledger: LedgerChange | null;
}

/** Called once, when the change is durable or never will be. */
export interface Waiter {
  /** Whether its change is durable as soon as the ledger has its entry. */
  readonly strict: boolean;
  settle(error: unknown): void;
}

export interface PendingChange {
  row: Row | null | undefined;
  readonly entries: LedgerEntry[];
  readonly waiters: Waiter[];
}

export type PendingChanges = Map<string, PendingChange>;

export function emptyChange(): PendingChange {
  return { row: undefined, entries: [], waiters: [] };
}

/** Puts what was not carried out in front of what was asked for since. */
export function putBack(pending: PendingChanges, failed: PendingChanges): void {
  for (const [name, older] of failed) {
    const newer = pending.get(name);
    if (newer === undefined) {
      pending.set(name, older);
      continue;
    }
    pending.set(name, {
      row: newer.row === undefined ? older.row : newer.row,
      entries: [...older.entries, ...newer.entries],
      waiters: [...older.waiters, ...newer.waiters],
    });
  }
}

/**
 * The entries that are written before the rows and those that are written after: in the order
 * they came, and up to the last strict one before.
 */
export function splitEntries(entries: readonly LedgerEntry[]): {
  readonly strict: readonly LedgerEntry[];
  readonly loose: readonly LedgerEntry[];
} {
  const last = entries.findLastIndex(({ change }) => isStrict(change));
  return { strict: entries.slice(0, last + 1), loose: entries.slice(last + 1) };
}

/**
 * What is left of a change whose strict entries are durable, its row not. Whoever waited for a
 * lock-out need not wait for the row: the ledger is enough (F1).
 */
export function withoutStrict(change: PendingChange): PendingChange {
  const { loose } = splitEntries(change.entries);
  const waiters: Waiter[] = [];
  for (const waiter of change.waiters) {
    if (waiter.strict) waiter.settle(null);
    else waiters.push(waiter);
  }
  return { row: change.row, entries: [...loose], waiters };
}

/** Takes at most `most` changes out of `pending`, those that may not wait first. */
export function takeSome(pending: PendingChanges, most: number): PendingChanges {
  const taken: PendingChanges = new Map();
  const take = (wanted: (change: PendingChange) => boolean): void => {
    for (const [name, change] of pending) {
      if (taken.size >= most) return;
      if (!wanted(change)) continue;
      taken.set(name, change);
      pending.delete(name);
    }
  };
  take(({ waiters }) => waiters.some(({ strict }) => strict));
  take(() => true);
  return taken;
}

/** What is to be done to make the changes durable. */
export function jobOf(changes: PendingChanges, complete: boolean, sign: StoredMoment): Job {
  const split = [...changes.values()].map(({ entries }) => splitEntries(entries));
  const rows = new Map<string, Row | null>();
  for (const [name, { row }] of changes) if (row !== undefined) rows.set(name, row);
  return {
    strict: split.flatMap(({ strict }) => strict),
    rows,
    loose: split.flatMap(({ loose }) => loose),
    complete,
    sign,
  };
}
