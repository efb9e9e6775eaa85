/**
 * What becomes of a client that this server and the original's knew, in turns: the stricter of the
 * two counts (F1).
 *
 *   here \ there   alive            locked out    removed    not in it
 *   alive          as there         locked out    removed    as here
 *   locked out     locked out       locked out    removed    locked out
 *   removed        removed          removed       removed    removed
 *   unknown        as there         locked out    removed    —
 *
 * Settings, secret and what is left of the lease are those from there: they are younger.
 */
import type { LockOutReason } from '../../core/client.ts';
import { type LedgerChange, NOT_IN_LEDGER } from '../../core/ledger-entry.ts';
import type { StoredMoment } from '../../core/moment.ts';
import { restoredLease } from '../../core/restored-lease.ts';
import type { StoredClient, StoredLife } from '../../core/stored-client.ts';
import { milliseconds } from '../../core/time.ts';
import type { WholeStore } from './inspect-store.ts';
import type { NameState } from './ledger-record.ts';
import type { Row } from './row-format.ts';
import { strictRow } from './strict-row.ts';

/** What is to be stored. */
export interface Reconciled {
  readonly name: string;
  /** Null leaves the one that there is. */
  readonly row: Row | null;
  readonly ledger: LedgerChange | null;
  /** Whether it is alive there and not here. */
  readonly onlyThere: boolean;
}

/** @param watched the last sign of life of the original, which `theirs` comes from */
export function stricterClient(
  theirs: Row,
  watched: StoredMoment,
  store: Pick<WholeStore, 'ledger' | 'rows' | 'sign'>,
  now: StoredMoment,
): Reconciled {
  const { name } = theirs.client;
  const { names, complete } = store.ledger.summary;
  const known = names.get(name) ?? { name, reason: null, ...NOT_IN_LEDGER };
  const there = lifeThere(theirs.client);
  if (known.standing === 'removed') return { name, row: null, ledger: null, onlyThere: false };
  const here = lifeHere(known, complete, store, now);
  const life = there.kind !== 'removed' && here !== null ? here : there;
  const ledger = changeOf(known, life);
  const ledgerEntries = known.entries + (ledger === null ? 0 : 1);
  const client = { ...theirs.client, life, ledgerEntries, lastWatched: watched };
  const onlyThere = there.kind === 'enabled' && life.kind !== 'enabled';
  return { name, row: { ...theirs, client }, ledger, onlyThere };
}

function lifeThere({ life }: StoredClient): StoredLife {
  return life.kind === 'enabled' && life.left === 0 ? disabled('expired') : life;
}

/** Why it is not alive here; null when it is, or may be. */
function lifeHere(
  known: NameState,
  complete: boolean,
  { rows, sign }: Pick<WholeStore, 'rows' | 'sign'>,
  now: StoredMoment,
): StoredLife | null {
  // Of a state that was lost, an unknown name may be that of a dead client.
  if (known.standing === 'unknown') return complete ? null : disabled('state-lost');
  const row = rows.get(known.name);
  const own = row === undefined ? null : (strictRow(row, known)?.client ?? null);
  if (own?.life.kind === 'disabled') return own.life;
  if (known.standing === 'locked-out') return disabled(known.reason ?? 'state-lost');
  const believed = own?.life.kind === 'enabled' && own.ledgerEntries === known.entries;
  if (own === null || !believed) return disabled('state-lost');
  const lease = restoredLease(own, sign, now, milliseconds(own.settings.timeout));
  // Not what ended later: by then somebody else watched it.
  return lease.kind === 'expired' ? disabled('expired') : null;
}

function disabled(reason: LockOutReason): StoredLife {
  return { kind: 'disabled', reason };
}

function changeOf({ standing }: NameState, life: StoredLife): LedgerChange | null {
  switch (life.kind) {
    case 'enabled':
      return standing === 'unknown' ? { kind: 'added', enabled: true } : null;
    case 'disabled':
      return standing === 'locked-out' ? null : { kind: 'locked-out', reason: life.reason };
    case 'removed':
      return life;
  }
}
