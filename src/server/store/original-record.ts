/**
 * What the ledger remembers about `clients.pickle`, the original's state: which one was read or
 * written here, so that another one is known to be what the original left since (F1).
 */
import { isNullOr, isOneOf, isText, isWhole } from './json-shape.ts';

export type OriginalEvent =
  /** It was read: who is locked out in it is so here. */
  | 'read'
  /** Who is locked out in it cannot be known. */
  | 'unreadable'
  /** The one that was written for the original is gone, and none came back. */
  | 'lost'
  /** For the original to go on from. */
  | 'written'
  /** It is one that was read or written before. */
  | 'known';

export interface OriginalRecord {
  readonly kind: 'original';
  readonly at: number;
  readonly event: OriginalEvent;
  /** Tells this file from every other; null when there is none. */
  readonly mark: string | null;
}

export interface OriginalPast {
  /** Of those that were read or written here. */
  readonly marks: Set<string>;
  /** The mark of the one that was written, until it is seen again or what came after it. */
  written: string | null;
}

/** Whether locked-out clients may have been forgotten. */
export function isLoss(event: OriginalEvent): boolean {
  return event === 'unreadable' || event === 'lost';
}

/** Brings what is remembered up to date with one more record. */
export function includeOriginal(past: OriginalPast, { event, mark }: OriginalRecord): void {
  if (mark !== null) past.marks.add(mark);
  past.written = event === 'written' ? mark : null;
}

/** What makes a new ledger remember the same. */
export function originalRecords({ marks, written }: OriginalPast, at: number): OriginalRecord[] {
  const known = [...marks].filter((mark) => mark !== written);
  const records = known.map((mark) => ({ kind: 'original', at, event: 'known', mark }) as const);
  return written === null
    ? records
    : [...records, { kind: 'original', at, event: 'written', mark: written }];
}

const EVENTS: readonly OriginalEvent[] = ['read', 'unreadable', 'lost', 'written', 'known'];

/** What was parsed from a line of the ledger, if it is such a record. */
export function isOriginalRecord(value: Readonly<Record<string, unknown>>): boolean {
  return isWhole(value.at) && isOneOf(EVENTS, value.event) && isNullOr(isText, value.mark);
}
