import { after, type Duration, type Instant, milliseconds } from '../core/time.ts';
import { type ResourceRecord, recordKey } from './record.ts';

/** When each of the link's own records was last sent to everybody. */
export class MulticastHistory {
  #sent = new Map<string, Instant>();

  note(records: readonly ResourceRecord[], now: Instant): void {
    for (const record of records) this.#sent.set(recordKey(record), now);
  }

  /** The first moment when the record may be sent again, with `gap` between the two. */
  mayBeSent(key: string, gap: Duration, now: Instant): Instant {
    const sent = this.#sent.get(key);
    return sent === undefined || after(sent, gap) <= now ? now : after(sent, gap);
  }

  /** Whether everybody has heard the record in the last quarter of its life (RFC 6762, 5.4). */
  isFresh(key: string, record: ResourceRecord, now: Instant): boolean {
    const sent = this.#sent.get(key);
    return sent !== undefined && after(sent, milliseconds(record.ttl * 250)) > now;
  }

  /** Forgets the records that are not among these. */
  keep(records: readonly ResourceRecord[]): void {
    const keys = new Set(records.map(recordKey));
    this.#sent = new Map([...this.#sent].filter(([key]) => keys.has(key)));
  }
}
