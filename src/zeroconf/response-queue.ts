import type { Instant } from '../core/time.ts';
import type { Peer } from './link.ts';
import { type ResourceRecord, recordKey } from './record.ts';

/** Answers that wait for their moment. */
export interface WaitingAnswer {
  readonly due: Instant;
  /** Null: to everybody. */
  readonly to: Peer | null;
  /** The asker who has more known answers to tell (RFC 6762, section 7.2), or null. */
  readonly awaiting: Peer | null;
  readonly records: ReadonlyMap<string, ResourceRecord>;
}

/** Askers that are remembered one by one; the answers for more are put together. */
const MOST_WAITING = 32;

/** The records by their keys, without those that the asker has for half their time still. */
export function unknownTo(
  known: readonly ResourceRecord[],
  records: Iterable<ResourceRecord>,
): Map<string, ResourceRecord> {
  const lifetimes = new Map(known.map((record) => [recordKey(record), record.ttl]));
  const unknown = new Map<string, ResourceRecord>();
  for (const record of records) {
    const key = recordKey(record);
    if ((lifetimes.get(key) ?? -1) < record.ttl / 2) unknown.set(key, record);
  }
  return unknown;
}

/**
 * The answers that one link owes, put together where they go the same way (RFC 6762,
 * section 6.4), and taken back as far as the asker knows them (section 7.1).
 */
export class ResponseQueue {
  #waiting: WaitingAnswer[] = [];

  get next(): Instant | null {
    return this.#waiting.reduce<Instant | null>(
      (next, { due }) => (next === null || due < next ? due : next),
      null,
    );
  }

  add(answer: WaitingAnswer): void {
    if (answer.records.size === 0) return;
    const crowded = this.#waiting.length >= MOST_WAITING;
    const wanted = crowded ? { ...answer, to: null, awaiting: null } : answer;
    const index = this.#waiting.findIndex((other) => goTogether(other, wanted));
    const other = this.#waiting[index];
    if (other === undefined) {
      this.#waiting.push(wanted);
      return;
    }
    this.#waiting[index] = {
      ...other,
      due: other.due < wanted.due ? other.due : wanted.due,
      records: new Map([...other.records, ...wanted.records]),
    };
  }

  /** An asker has told more of what it knows; `more` when that was not the last. */
  withdraw(from: Peer, known: readonly ResourceRecord[], more: Instant | null): void {
    this.#waiting = this.#waiting.map((answer) => {
      if (answer.awaiting === null || !samePeer(answer.awaiting, from)) return answer;
      const records = unknownTo(known, answer.records.values());
      return { ...answer, records, due: more ?? answer.due };
    });
  }

  /** Takes out what is due. */
  takeDue(now: Instant): readonly WaitingAnswer[] {
    const due = this.#waiting.filter((answer) => answer.due <= now);
    this.#waiting = this.#waiting.filter((answer) => answer.due > now);
    return due;
  }

  clear(): void {
    this.#waiting = [];
  }
}

function goTogether(one: WaitingAnswer, other: WaitingAnswer): boolean {
  if (one.awaiting !== null || other.awaiting !== null) return false;
  if (one.to === null || other.to === null) return one.to === other.to;
  return samePeer(one.to, other.to);
}

function samePeer(one: Peer, other: Peer): boolean {
  return one.address === other.address && one.port === other.port;
}
