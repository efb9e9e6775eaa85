import { after, type Instant, milliseconds } from '../core/time.ts';
import { claimsName, compareProbes, probesFor } from './conflict.ts';
import type { Link, Peer, Send } from './link.ts';
import { LinkAnswers } from './link-answers.ts';
import { type Message, query, response } from './message.ts';
import { sameName } from './name.ts';
import { announcedRecords, type ServiceRecords } from './own-records.ts';
import { CLASS_IN, RecordType, type ResourceRecord } from './record.ts';
import {
  ANNOUNCEMENT_INTERVAL,
  ANNOUNCEMENTS,
  PROBE_INTERVAL,
  PROBES,
  TIE_BREAK_WAIT,
} from './responder-timing.ts';
import { writeMessage } from './write-message.ts';

/**
 * The names' way on one link (RFC 6762, section 8):
 *
 *     probing ──3 probes, 250 ms apart──> announcing ──2 announcements──> announced
 *     ^     ^ │                            ^    │  addresses changed           │ │
 *     │     └─┘ tie-break lost: 1 s later  └────┼──────────────────────────────┘ │
 *     └───────────────────────────────── conflict ───────────────────────────────┘
 *
 * A conflict while probing means another name; one later, first only another look.
 */
type LinkState =
  | { readonly kind: 'probing'; readonly probes: number; readonly at: Instant }
  | { readonly kind: 'announcing'; readonly announcements: number; readonly at: Instant }
  | { readonly kind: 'announced' };

/** Whose name a response on the link claims. */
export type Conflict = 'none' | 'service' | 'host';

/** Whether a record was published by ourselves, on any link. */
type IsOurs = (record: ResourceRecord) => boolean;

export class ResponderLink {
  readonly link: Link;
  #records: ServiceRecords;
  #state: LinkState;
  readonly #answers: LinkAnswers;
  readonly #random: () => number;

  constructor(link: Link, records: ServiceRecords, random: () => number, now: Instant) {
    this.link = link;
    this.#records = records;
    this.#random = random;
    this.#answers = new LinkAnswers(link, records, random);
    this.#state = this.#firstProbe(now);
  }

  get records(): ServiceRecords {
    return this.#records;
  }

  get state(): LinkState['kind'] {
    return this.#state.kind;
  }

  get next(): Instant | null {
    const answer = this.#answers.next;
    if (this.#state.kind === 'announced') return answer;
    return answer !== null && answer < this.#state.at ? answer : this.#state.at;
  }

  /** Goes back to probing, with names old or new, not before `at`. */
  probe(records: ServiceRecords, at: Instant): void {
    this.#use(records);
    this.#state = this.#firstProbe(at);
  }

  /** The same names have other addresses (section 8.4). */
  readdress(records: ServiceRecords, now: Instant): void {
    this.#use(records);
    if (this.#state.kind === 'probing') return;
    // Addresses that come and go make no more than one announcement a second.
    const at = this.#state.kind === 'announcing' && this.#state.at > now ? this.#state.at : now;
    this.#state = { kind: 'announcing', announcements: 0, at };
  }

  tick(now: Instant): readonly Send[] {
    const sends: Send[] = [];
    if (this.#state.kind === 'probing' && this.#state.at <= now) {
      const { probes } = this.#state;
      if (probes < PROBES) {
        sends.push(this.#probe());
        this.#state = { kind: 'probing', probes: probes + 1, at: after(now, PROBE_INTERVAL) };
      } else this.#state = { kind: 'announcing', announcements: 0, at: now };
    }
    if (this.#state.kind === 'announcing' && this.#state.at <= now) {
      const announcements = this.#state.announcements + 1;
      sends.push(...this.#answers.announce(now));
      this.#state =
        announcements < ANNOUNCEMENTS
          ? { kind: 'announcing', announcements, at: after(now, ANNOUNCEMENT_INTERVAL) }
          : { kind: 'announced' };
    }
    return [...sends, ...this.#answers.tick(now)];
  }

  query(message: Message, source: Peer, isOurs: IsOurs, now: Instant): readonly Send[] {
    if (this.#state.kind !== 'probing') return this.#answers.query(message, source, now);
    if (this.#losesTieBreak(message, isOurs)) {
      this.#state = { kind: 'probing', probes: 0, at: after(now, TIE_BREAK_WAIT) };
    }
    return [];
  }

  response(message: Message, isOurs: IsOurs, now: Instant): Conflict {
    if (claimsName(message, this.#records.instance, isOurs)) return 'service';
    if (claimsName(message, this.#records.host, isOurs)) return 'host';
    if (this.#state.kind !== 'probing') this.#answers.restore(message, now);
    return 'none';
  }

  /** Takes back what was announced (section 10.1). */
  goodbye(): readonly Send[] {
    if (this.#state.kind === 'probing') return [];
    // Others may offer the same type of service; the pointer to the type is not ours to end.
    const answers = announcedRecords(this.#records)
      .filter(({ data }) => data.kind !== 'ptr' || sameName(data.target, this.#records.instance))
      .map((record) => ({ ...record, ttl: 0 }));
    return [this.#send(response({ answers }))];
  }

  #use(records: ServiceRecords): void {
    this.#records = records;
    this.#answers.use(records);
  }

  #firstProbe(at: Instant): LinkState {
    const wait = milliseconds(Math.floor(this.#random() * PROBE_INTERVAL));
    return { kind: 'probing', probes: 0, at: after(at, wait) };
  }

  #probe(): Send {
    const { instance, host, unique } = this.#records;
    const questions = [instance, host].map((name) => ({
      name,
      type: RecordType.any,
      questionClass: CLASS_IN,
      unicast: true,
    }));
    const authorities = unique.map((record) => ({ ...record, flush: false }));
    return this.#send(query({ questions, authorities }));
  }

  #losesTieBreak(message: Message, isOurs: IsOurs): boolean {
    return [this.#records.instance, this.#records.host].some((name) => {
      if (!probesFor(message, name)) return false;
      const at = (record: ResourceRecord): boolean => sameName(record.name, name);
      const theirs = message.authorities.filter(at);
      return !theirs.every(isOurs) && compareProbes(this.#records.unique.filter(at), theirs) < 0;
    });
  }

  #send(message: Message): Send {
    return { kind: 'send', link: this.link, to: null, bytes: writeMessage(message) };
  }
}
