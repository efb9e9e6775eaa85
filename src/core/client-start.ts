/**
 * Who is alive when the server starts (F1, F3, F4). The stored row and the ledger must agree
 * for a client to live; where they differ the stricter wins, and a name that one of them knows
 * and the other does not is locked out.
 *
 *   section \ known    nowhere    alive in both    anything else    removed
 *   good               new        restored         locked out       stays removed
 *   bad                —          set aside        set aside        stays removed
 *   gone               —          forgotten        forgotten        forgotten
 */
import type { Client, Life } from './client.ts';
import { clientWithoutPast, clientWithPast, storedMoment } from './client-row.ts';
import type { ClientSettings } from './client-settings.ts';
import type { LedgerChange, LedgerState } from './ledger-entry.ts';
import {
  changeOfEnabled,
  isSecretChanged,
  mergedSettings,
  type Written,
} from './merged-settings.ts';
import { later, type Moment, partWay, type StoredMoment } from './moment.ts';
import { lastWatched, restoredLease } from './restored-lease.ts';
import { firstCheck } from './schedule.ts';
import type { StoredClient } from './stored-client.ts';
import { between } from './time.ts';

export interface StartContext {
  readonly now: Moment;
  readonly bootId: string;
  /** The store's last sign of life before this start. */
  readonly lastSign: StoredMoment;
  /** 0 ≤ random < 1, another for each client. */
  readonly random: number;
}

/** What clients.conf says about a name; `gone` only if config's `isGone` says so (F4). */
export type StartSection =
  | { readonly kind: 'good'; readonly settings: ClientSettings; readonly written: Written }
  | { readonly kind: 'bad' }
  | { readonly kind: 'gone' };

/** What the database says about a name. `damaged` also when the whole of it is lost. */
export type StartRow =
  | { readonly kind: 'row'; readonly row: StoredClient }
  | { readonly kind: 'none' }
  | { readonly kind: 'damaged' };

/**
 * What becomes of a name. All of it is to be durable before anybody is served (F2); a row that
 * is stored with a ledger entry counts that entry (`RowContext.ledgerEntries`).
 */
export type StartOutcome =
  /** Serve it and store its row; the secret is the file's or the stored one. */
  | {
      readonly kind: 'client';
      readonly client: Client;
      readonly secret: 'file' | 'stored';
      readonly ledger: LedgerChange | null;
    }
  /** Do not serve it; keep this row (null: there is none to keep) and its secret. */
  | {
      readonly kind: 'not-served';
      readonly row: StoredClient | null;
      readonly ledger: LedgerChange | null;
    }
  /** Drop row and secret: the name is free. */
  | { readonly kind: 'forgotten'; readonly ledger: LedgerChange | null };

export function startClient(
  section: StartSection,
  stored: StartRow,
  known: LedgerState,
  context: StartContext,
): StartOutcome {
  const row = stored.kind === 'row' ? stored.row : null;
  if (section.kind === 'gone') return forget(stored, known);
  if (known.standing === 'removed' || row?.life.kind === 'removed') {
    return {
      kind: 'not-served',
      row,
      ledger: known.standing === 'removed' ? null : { kind: 'removed' },
    };
  }
  if (section.kind === 'bad') return setAside(stored, known, context);
  const { settings, written } = section;
  if (row !== null) return restore(row, settings, written, known, context);
  if (stored.kind === 'none' && known.standing === 'unknown') return welcome(settings, context);
  const client = clientWithoutPast(settings, LOST, context.now);
  return { kind: 'client', client, secret: 'file', ledger: lockOutEntry(LOST, known) };
}

/** F1: what cannot be known is dead. */
const LOST: Life = { kind: 'disabled', reason: 'state-lost' };

function forget(stored: StartRow, known: LedgerState): StartOutcome {
  const nobody = stored.kind === 'none' && known.standing === 'unknown';
  return { kind: 'forgotten', ledger: nobody ? null : { kind: 'forgotten', why: 'section-gone' } };
}

/** While nobody watches a client, its time stands as in a downtime (F4). */
function setAside(stored: StartRow, known: LedgerState, context: StartContext): StartOutcome {
  if (stored.kind === 'row') {
    const { row } = stored;
    const kept = { ...row, lastWatched: lastWatched(row, context.lastSign) };
    return { kind: 'not-served', row: kept, ledger: null };
  }
  const ledger = stored.kind === 'damaged' ? lockOutEntry(LOST, known) : null;
  return { kind: 'not-served', row: null, ledger };
}

/** A client that nobody knew. */
function welcome(settings: ClientSettings, context: StartContext): StartOutcome {
  const life = settings.enabled ? firstLease(settings, context) : CONFIGURED;
  const client = clientWithoutPast(settings, life, context.now);
  const ledger: LedgerChange = { kind: 'added', enabled: settings.enabled };
  return { kind: 'client', client, secret: 'file', ledger };
}

const CONFIGURED: Life = { kind: 'disabled', reason: 'configured' };

function restore(
  row: StoredClient,
  file: ClientSettings,
  written: Written,
  known: LedgerState,
  context: StartContext,
): StartOutcome {
  const settings = mergedSettings(file, written, row);
  const secret = isSecretChanged(written, row) ? 'file' : 'stored';
  // An older row that came back must not make an old change of `enabled` happen again.
  const believed = known.standing !== 'unknown' && row.ledgerEntries === known.entries;
  const change = believed ? changeOfEnabled(written, row) : 'none';
  const life = restoredLife(row, settings, believed && known.standing === 'alive', context);
  if (change === 'to yes' && life.kind !== 'enabled') {
    const client = clientWithPast(row, settings, firstLease(settings, context));
    const ledger: LedgerChange = { kind: 'enabled', by: 'clients.conf' };
    return { kind: 'client', secret, ledger, client: { ...client, lastEnabled: context.now.wall } };
  }
  const decided = change === 'to no' ? CONFIGURED : life;
  const client = clientWithPast(row, settings, decided);
  return { kind: 'client', client, secret, ledger: lockOutEntry(decided, known) };
}

function restoredLife(
  row: StoredClient,
  settings: ClientSettings,
  believedAlive: boolean,
  context: StartContext,
): Life {
  if (row.life.kind === 'disabled') return row.life;
  if (!believedAlive) return LOST;
  const { now, bootId, lastSign, random } = context;
  const lease = restoredLease(row, lastSign, storedMoment(now, bootId), settings.timeout);
  switch (lease.kind) {
    case 'expired':
      return { kind: 'disabled', reason: 'expired' };
    case 'lost in downtime':
      return { kind: 'disabled', reason: 'downtime' };
    case 'left':
      return {
        kind: 'enabled',
        expires: later(now, lease.left),
        nextCheck: firstCheck(now, settings.interval, lease.left, random),
        graceUsed: lease.graceUsed,
        waiting: [],
      };
  }
}

/** As the original starts: a check after a random part of `interval`, and one more to live. */
function firstLease({ interval }: ClientSettings, { now, random }: StartContext): Life {
  const nextCheck = partWay(now.boot, interval, random);
  const untilCheck = between(now.boot, nextCheck);
  return {
    kind: 'enabled',
    expires: later(later(now, untilCheck), interval),
    nextCheck,
    graceUsed: true,
    waiting: [],
  };
}

function lockOutEntry(life: Life, known: LedgerState): LedgerChange | null {
  if (life.kind !== 'disabled' || known.standing === 'locked-out') return null;
  return { kind: 'locked-out', reason: life.reason };
}
