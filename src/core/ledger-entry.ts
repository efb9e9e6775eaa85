import type { LockOutReason } from './client.ts';

/**
 * A change the ledger remembers for ever (F1). How entries are chained and written is the
 * store's business.
 */
export type LedgerChange =
  /** A client without a past; whether it started alive or not. */
  | { readonly kind: 'added'; readonly enabled: boolean }
  | { readonly kind: 'locked-out'; readonly reason: LockOutReason }
  /** By an operator: over D-Bus, or by changing `enabled` in clients.conf. */
  | { readonly kind: 'enabled'; readonly by: 'd-bus' | 'clients.conf' }
  /** By an operator over D-Bus; stays so until the section was absent for one start (F4). */
  | { readonly kind: 'removed' }
  /** Its section was absent for one start, or `--no-restore`: the name is free again. */
  | { readonly kind: 'forgotten'; readonly why: 'section-gone' | 'no-restore' };

export interface LedgerEntry {
  readonly name: string;
  /** Wall clock, milliseconds since 1970; for people. */
  readonly at: number;
  readonly change: LedgerChange;
}

/** What the ledger knows about a name; `unknown` also when it has been forgotten. */
export type Standing = 'unknown' | 'alive' | 'locked-out' | 'removed';

/** What `change` makes of a name. */
export function standing(change: LedgerChange): Standing {
  switch (change.kind) {
    case 'added':
      return change.enabled ? 'alive' : 'locked-out';
    case 'enabled':
      return 'alive';
    case 'locked-out':
    case 'removed':
      return change.kind;
    case 'forgotten':
      return 'unknown';
  }
}

/** Where a name stands, and after how many entries about it (forgotten lives included). */
export interface LedgerState {
  readonly standing: Standing;
  readonly entries: number;
}

/** What the ledger knows about a name that is not in it. */
export const NOT_IN_LEDGER: LedgerState = { standing: 'unknown', entries: 0 };

/** Where every name in the ledger stands after its last entry. */
export function ledgerStates(entries: Iterable<LedgerEntry>): Map<string, LedgerState> {
  const byName = new Map<string, LedgerState>();
  for (const { name, change } of entries) {
    const before = byName.get(name) ?? NOT_IN_LEDGER;
    byName.set(name, { standing: standing(change), entries: before.entries + 1 });
  }
  return byName;
}
