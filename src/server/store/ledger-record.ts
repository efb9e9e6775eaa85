import type { LockOutReason } from '../../core/client.ts';
import {
  type LedgerChange,
  type LedgerEntry,
  NOT_IN_LEDGER,
  type Standing,
  standing,
} from '../../core/ledger-entry.ts';
import { isObject, isOneOf, isText, isWhole } from './json-shape.ts';
import {
  includeOriginal,
  isLoss,
  isOriginalRecord,
  type OriginalPast,
  type OriginalRecord,
} from './original-record.ts';

/** Why a ledger was begun. */
export type LedgerOrigin = 'first start' | 'clients.pickle' | 'damage' | 'compaction';

/** One line of the ledger; all of it becomes durable at one stroke. */
export type LedgerRecord =
  /** The first line. `store` ties ledger and database together. */
  | {
      readonly kind: 'begun';
      readonly store: string;
      readonly at: number;
      readonly origin: LedgerOrigin;
      /**
       * Whether a name that the ledger does not know is a new client's. It is not when the
       * ledger before this one was lost: then such a name may be that of a dead client.
       */
      readonly complete: boolean;
    }
  /** Where the names stood in the ledger before this one. */
  | { readonly kind: 'summary'; readonly at: number; readonly states: readonly NameState[] }
  | { readonly kind: 'changes'; readonly entries: readonly LedgerEntry[] }
  /** From here on a name that the ledger does not know is a new client's. */
  | { readonly kind: 'complete'; readonly at: number }
  | OriginalRecord;

/** What the ledger knows about a name. */
export interface NameState {
  readonly name: string;
  readonly standing: Standing;
  /** Why it was locked out, if it was and if that is known. */
  readonly reason: LockOutReason | null;
  /** How many entries there are about it, those of ledgers before this one included. */
  readonly entries: number;
}

/** What the ledger knows about everybody. */
export interface LedgerSummary {
  readonly names: Map<string, NameState>;
  complete: boolean;
  readonly original: OriginalPast;
}

export function emptySummary(): LedgerSummary {
  return { names: new Map(), complete: false, original: { marks: new Set(), written: null } };
}

/** Brings the summary up to date with one more record. */
export function include(summary: LedgerSummary, record: LedgerRecord): void {
  switch (record.kind) {
    case 'begun':
      summary.complete = record.complete;
      return;
    case 'summary':
      for (const state of record.states) summary.names.set(state.name, state);
      return;
    case 'changes':
      for (const { name, change } of record.entries) {
        const entries = (summary.names.get(name) ?? NOT_IN_LEDGER).entries + 1;
        const reason = reasonOf(change);
        summary.names.set(name, { name, standing: standing(change), reason, entries });
      }
      return;
    case 'complete':
      summary.complete = true;
      return;
    case 'original':
      includeOriginal(summary.original, record);
      if (isLoss(record.event)) summary.complete = false;
      return;
  }
}

function reasonOf(change: LedgerChange): LockOutReason | null {
  switch (change.kind) {
    case 'locked-out':
      return change.reason;
    case 'added':
      return change.enabled ? null : 'configured';
    case 'enabled':
    case 'removed':
    case 'forgotten':
      return null;
  }
}

/** Whether the change takes nothing from anybody but life: it may never wait for space. */
export function isStrict(change: LedgerChange): boolean {
  switch (change.kind) {
    case 'locked-out':
    case 'removed':
    // First, too: a name that the ledger has forgotten is free, whatever the database says.
    case 'forgotten':
      return true;
    case 'added':
    case 'enabled':
      return false;
  }
}

const REASONS: readonly LockOutReason[] = [
  ...(['expired', 'operator', 'configured', 'timeout-shortened', 'downtime'] as const),
  'state-lost',
];
const STANDINGS = ['unknown', 'alive', 'locked-out', 'removed'] as const;
const ORIGINS = ['first start', 'clients.pickle', 'damage', 'compaction'] as const;

export function isReason(value: unknown): value is LockOutReason {
  return isOneOf(REASONS, value);
}

/** What was parsed from a line, if it is a record. */
export function isRecord(value: unknown): value is LedgerRecord {
  if (!isObject(value)) return false;
  switch (value.kind) {
    case 'begun':
      return (
        isText(value.store) &&
        isWhole(value.at) &&
        isOneOf(ORIGINS, value.origin) &&
        typeof value.complete === 'boolean'
      );
    case 'summary':
      return isWhole(value.at) && Array.isArray(value.states) && value.states.every(isState);
    case 'changes':
      return Array.isArray(value.entries) && value.entries.every(isEntry);
    case 'complete':
      return isWhole(value.at);
    case 'original':
      return isOriginalRecord(value);
    default:
      return false;
  }
}

function isState(value: unknown): boolean {
  return (
    isObject(value) &&
    isText(value.name) &&
    isOneOf(STANDINGS, value.standing) &&
    (value.reason === null || isReason(value.reason)) &&
    isWhole(value.entries)
  );
}

function isEntry(value: unknown): boolean {
  return isObject(value) && isText(value.name) && isWhole(value.at) && isChange(value.change);
}

function isChange(value: unknown): boolean {
  if (!isObject(value)) return false;
  switch (value.kind) {
    case 'added':
      return typeof value.enabled === 'boolean';
    case 'locked-out':
      return isReason(value.reason);
    case 'enabled':
      return isOneOf(['d-bus', 'clients.conf'], value.by);
    case 'removed':
      return true;
    case 'forgotten':
      return isOneOf(['section-gone', 'no-restore'], value.why);
    default:
      return false;
  }
}
