import { after, type Instant, seconds } from '../core/time.ts';
import { type ResourceRecord, recordKey } from './record.ts';

/** A packet does not stay on a link for longer. */
const MEMORY = seconds(10);

/**
 * What we publish or lately did, on any link. Our own packets come back to us, also by way
 * of another interface on the same network; such records are no conflict.
 */
export class OwnHistory {
  #current: ReadonlySet<string> = new Set();
  #former = new Map<string, Instant>();

  /** The records of all links from now on. */
  use(records: Iterable<ResourceRecord>, now: Instant): void {
    const current = new Set([...records].map(recordKey));
    for (const key of this.#current) {
      if (!current.has(key)) this.#former.set(key, after(now, MEMORY));
    }
    this.#current = current;
    this.#former = new Map([...this.#former].filter(([, end]) => end > now));
  }

  has(record: ResourceRecord, now: Instant): boolean {
    const key = recordKey(record);
    return this.#current.has(key) || (this.#former.get(key) ?? now) > now;
  }
}
