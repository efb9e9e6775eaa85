/** What a store is made of when it takes the place of another one. */
import type { Standing } from '../../core/ledger-entry.ts';
import type { StoredMoment } from '../../core/moment.ts';
import type { DamagedStore } from './inspect-store.ts';
import {
  emptySummary,
  include,
  type LedgerRecord,
  type LedgerSummary,
  type NameState,
} from './ledger-record.ts';
import { type OriginalRecord, originalRecords } from './original-record.ts';
import type { Row } from './row-format.ts';
import { lockedOutRow } from './strict-row.ts';

type Begun = Extract<LedgerRecord, { readonly kind: 'begun' }>;

/** Everything that a new store begins with. */
export interface StateImage {
  /** The store's own name is not known yet. */
  readonly begun: Omit<Begun, 'store'>;
  readonly names: readonly NameState[];
  /** What is known about the original's `clients.pickle`. */
  readonly original: readonly OriginalRecord[];
  readonly rows: ReadonlyMap<string, Row>;
  readonly sign: StoredMoment;
  readonly problems: readonly string[];
}

/** A store that knows nobody. */
export function emptyImage(
  origin: Begun['origin'],
  complete: boolean,
  now: StoredMoment,
  problems: readonly string[],
): StateImage {
  const begun = { kind: 'begun', at: Math.round(now.wall), origin, complete } as const;
  return { begun, names: [], original: [], rows: new Map(), sign: now, problems };
}

/** The same knowledge in a shorter ledger. */
export function compactedImage(
  { names, complete, original }: LedgerSummary,
  rows: ReadonlyMap<string, Row>,
  sign: StoredMoment,
  now: StoredMoment,
): StateImage {
  const image = emptyImage('compaction', complete, now, []);
  const remembered = originalRecords(original, image.begun.at);
  return { ...image, names: [...names.values()], original: remembered, rows, sign };
}

/**
 * What can be saved of a damaged store. With a whole ledger and a known last sign of life, the
 * rows that are whole are believed, and a name that lost its row is locked out. Otherwise
 * everybody is locked out; their settings are kept where they can be.
 */
export function repairedImage(
  { records, ledgerIsWhole, rows, sign, damage }: DamagedStore,
  now: StoredMoment,
  moved: string,
  howToGoOn: string,
): StateImage {
  const summary = summaryOf(records);
  const original = originalRecords(summary.original, Math.round(now.wall));
  const cause = `the state is damaged (${damage.join('; ')})`;
  const kept = `it is kept in '${moved}'`;
  if (ledgerIsWhole && sign !== null) {
    const lost = [...summary.names.values()]
      .filter(({ name, standing }) => standing !== 'unknown' && !rows.has(name))
      .map(({ name }) => JSON.stringify(name));
    const whom = lost.length === 0 ? 'no client is affected' : `locked out: ${lost.join(', ')}`;
    const problem = `${cause}; ${whom}; ${kept}; to go on, ${howToGoOn}`;
    const image = emptyImage('damage', summary.complete, now, [problem]);
    return { ...image, names: [...summary.names.values()], original, rows, sign };
  }
  const problem = `${cause}: all clients are locked out; ${kept}; to go on, ${howToGoOn}`;
  const names = allLockedOut(summary, rows);
  const complete = ledgerIsWhole && summary.complete;
  const image = emptyImage('damage', complete, now, [problem]);
  const entriesOf = new Map(names.map(({ name, entries }) => [name, entries]));
  return {
    ...image,
    names,
    original,
    rows: new Map(
      [...rows].map(([name, row]) => [name, lockedOutRow(row, entriesOf.get(name) ?? 0)]),
    ),
  };
}

function allLockedOut(summary: LedgerSummary, rows: ReadonlyMap<string, Row>): NameState[] {
  const names = new Set([...summary.names.keys(), ...rows.keys()]);
  return [...names].map((name) => {
    const known = summary.names.get(name);
    const row = rows.get(name)?.client;
    const entries = Math.max(known?.entries ?? 0, row?.ledgerEntries ?? 0) + 1;
    const removed = known?.standing === 'removed' || row?.life.kind === 'removed';
    const standing: Standing = removed ? 'removed' : 'locked-out';
    const reason = row?.life.kind === 'disabled' ? row.life.reason : 'state-lost';
    return { name, standing, reason: removed ? null : reason, entries };
  });
}

function summaryOf(records: readonly LedgerRecord[]): LedgerSummary {
  const summary = emptySummary();
  for (const record of records) include(summary, record);
  return summary;
}
