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

/** Where every name in the ledger stands after its last entry; what is absent is unknown. */
export function standings(entries: Iterable<LedgerEntry>): Map<string, Standing> {
  const byName = new Map<string, Standing>();
  for (const { name, change } of entries) byName.set(name, standing(change));
  return byName;
}
