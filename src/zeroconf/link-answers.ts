import { after, type Duration, type Instant, milliseconds, seconds } from '../core/time.ts';
import { probesFor, recordsIn } from './conflict.ts';
import { type Link, MDNS_PORT, type Peer, type Send } from './link.ts';
import { type Message, response } from './message.ts';
import { MulticastHistory } from './multicast-history.ts';
import { nameKey } from './name.ts';
import { additionsTo, announcedRecords, answersTo, type ServiceRecords } from './own-records.ts';
import { type ResourceRecord, recordKey } from './record.ts';
import {
  DEFENCE_INTERVAL,
  LEGACY_TTL,
  RECORD_INTERVAL,
  SHARED_DELAY,
  TRUNCATED_DELAY,
} from './responder-timing.ts';
import { ResponseQueue, unknownTo } from './response-queue.ts';
import { writeMessage } from './write-message.ts';

/** Unicast answers in a second; askers beyond that share the multicast ones (N3). */
const MOST_UNICAST = 100;

/** Answers questions about records that are ours on one link (RFC 6762, sections 5 to 7). */
export class LinkAnswers {
  readonly #link: Link;
  #records: ServiceRecords;
  readonly #random: () => number;
  readonly #queue = new ResponseQueue();
  readonly #history = new MulticastHistory();
  #unicast: { readonly since: Instant; readonly count: number } | null = null;

  constructor(link: Link, records: ServiceRecords, random: () => number) {
    this.#link = link;
    this.#records = records;
    this.#random = random;
  }

  get next(): Instant | null {
    return this.#queue.next;
  }

  /** Answers with these from now on; what was to be answered with others is dropped. */
  use(records: ServiceRecords): void {
    this.#records = records;
    this.#queue.clear();
    this.#history.keep(announcedRecords(records));
  }

  /** Sends what is due. */
  tick(now: Instant): readonly Send[] {
    return this.#queue
      .takeDue(now)
      .flatMap(({ to, records }) =>
        to === null
          ? this.#multicastWhenAllowed(records, RECORD_INTERVAL, now)
          : [this.#answer([...records.values()], to)].filter(() => records.size > 0),
      );
  }

  /** Everything at once, to everybody. */
  announce(now: Instant): readonly Send[] {
    return this.#multicast(announcedRecords(this.#records), now);
  }

  query(message: Message, source: Peer, now: Instant): readonly Send[] {
    if (source.port !== MDNS_PORT) return this.#answerLegacy(message, source, now);
    if (message.questions.length > 0) return this.#answerQuestions(message, source, now);
    const more = message.truncated ? this.#later(TRUNCATED_DELAY, now) : null;
    this.#queue.withdraw(source, message.answers, more);
    return [];
  }

  /** Somebody says that a record of ours ends soon: say that it does not (section 6.6). */
  restore(message: Message, now: Instant): void {
    const own = new Map(
      announcedRecords(this.#records).map((record) => [recordKey(record), record]),
    );
    const endangered = new Map<string, ResourceRecord>();
    for (const record of recordsIn(message)) {
      const key = recordKey(record);
      const ours = own.get(key);
      if (ours !== undefined && record.ttl < ours.ttl / 2) endangered.set(key, ours);
    }
    this.#queue.add({ due: now, to: null, awaiting: null, records: endangered });
  }

  #answerQuestions(message: Message, source: Peer, now: Instant): readonly Send[] {
    const defended = [this.#records.instance, this.#records.host].some((name) =>
      probesFor(message, name),
    );
    const { direct, open } = this.#sortOut(message, defended, now);
    const shared = [...direct.values(), ...open.values()].some((record) => !record.flush);
    if (!message.truncated && (defended || !shared)) {
      const gap = defended ? DEFENCE_INTERVAL : RECORD_INTERVAL;
      const sends = direct.size > 0 ? [this.#answer([...direct.values()], source)] : [];
      return [...sends, ...this.#multicastWhenAllowed(open, gap, now)];
    }
    const due = this.#later(message.truncated ? TRUNCATED_DELAY : SHARED_DELAY, now);
    const awaiting = message.truncated ? source : null;
    this.#queue.add({ due, to: source, awaiting, records: direct });
    this.#queue.add({ due, to: null, awaiting, records: open });
    return [];
  }

  /**
   * What the asker gets directly, and what everybody gets. A name is defended before
   * everybody: of several programs on the asker's machine only one gets a direct answer.
   */
  #sortOut(message: Message, defended: boolean, now: Instant) {
    const direct: ResourceRecord[] = [];
    const open: ResourceRecord[] = [];
    for (const question of message.questions) {
      (question.unicast ? direct : open).push(...answersTo(this.#records, question));
    }
    const stale = direct.filter((record) => !this.#history.isFresh(recordKey(record), record, now));
    const allowed = direct.length > 0 && this.#mayAnswerUnicast(now);
    return {
      direct: unknownTo(message.answers, allowed ? direct : []),
      open: unknownTo(message.answers, [...open, ...(allowed && !defended ? stale : direct)]),
    };
  }

  /** A resolver that knows nothing of multicast (section 6.7). */
  #answerLegacy(message: Message, source: Peer, now: Instant): readonly Send[] {
    const questions = message.questions.filter(({ name }) =>
      this.#records.names.has(nameKey(name)),
    );
    const found = questions.flatMap((question) => answersTo(this.#records, question));
    const [question] = questions;
    const records = [...unknownTo([], found).values()];
    if (question === undefined || records.length === 0) return [];
    if (!this.#mayAnswerUnicast(now)) return [];
    const short = (record: ResourceRecord): ResourceRecord => ({
      ...record,
      flush: false,
      ttl: Math.min(record.ttl, LEGACY_TTL),
    });
    const reply = response({
      id: message.id,
      // Such resolvers ask one question at a time.
      questions: [question],
      answers: records.map(short),
      additionals: additionsTo(this.#records, records).map(short),
    });
    return [this.#send(reply, source)];
  }

  #mayAnswerUnicast(now: Instant): boolean {
    const second = this.#unicast;
    this.#unicast =
      second === null || after(second.since, seconds(1)) <= now
        ? { since: now, count: 1 }
        : { since: second.since, count: second.count + 1 };
    return this.#unicast.count <= MOST_UNICAST;
  }

  /** Sends what may be sent now, and keeps the rest until it may. */
  #multicastWhenAllowed(
    records: ReadonlyMap<string, ResourceRecord>,
    gap: Duration,
    now: Instant,
  ): readonly Send[] {
    const ready: ResourceRecord[] = [];
    for (const [key, record] of records) {
      const due = this.#history.mayBeSent(key, gap, now);
      if (due <= now) ready.push(record);
      else this.#queue.add({ due, to: null, awaiting: null, records: new Map([[key, record]]) });
    }
    return this.#multicast(ready, now);
  }

  #multicast(records: readonly ResourceRecord[], now: Instant): readonly Send[] {
    if (records.length === 0) return [];
    this.#history.note(records, now);
    return [this.#answer(records, null)];
  }

  #answer(answers: readonly ResourceRecord[], to: Peer | null): Send {
    return this.#send(response({ answers, additionals: additionsTo(this.#records, answers) }), to);
  }

  #send(message: Message, to: Peer | null): Send {
    return { kind: 'send', link: this.#link, to, bytes: writeMessage(message) };
  }

  #later(delay: { readonly from: number; readonly to: number }, now: Instant): Instant {
    const wait = delay.from + this.#random() * (delay.to - delay.from);
    return after(now, milliseconds(Math.round(wait)));
  }
}
