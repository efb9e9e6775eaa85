import { after, type Duration, type Instant, milliseconds, seconds } from '../core/time.ts';
import {
  type Link,
  linkKey,
  type Machine,
  MDNS_PORT,
  type Packet,
  type Send,
  type UsableLink,
} from './link.ts';
import { LARGEST_SENT, type Message, type Question, query } from './message.ts';
import { type Name, nameLength } from './name.ts';
import { parseMessage } from './parse-message.ts';
import { queryPauses } from './query-schedule.ts';
import { CLASS_IN, RecordType, type ResourceRecord } from './record.ts';
import { type CacheEffect, ServerCache } from './server-cache.ts';
import { writeMessage } from './write-message.ts';

export type BrowserEffect = CacheEffect;

type Effects = readonly (Send | BrowserEffect)[];

/** Questions about single servers leave an interface no faster (N3). */
const QUESTION_INTERVAL = milliseconds(100);
const MOST_QUESTIONS = 15;

/** The question for all servers on one link, and when it goes out next. */
interface LinkQuery {
  readonly link: Link;
  readonly pauses: Generator<Duration, never>;
  next: Instant;
  /** How often it went out. */
  asked: number;
}

/**
 * The longest pause while there are so many servers that they crowd each other out: whoever
 * floods the link must not make the good one's answer the only one for a long time (N6).
 */
const CROWDED_PAUSE = seconds(1);

/**
 * Of the first queries every other one asks for direct answers: nobody else need hear them;
 * but where another program got the direct answer, this one hears the next.
 */
const DIRECT = [0, 2];

/**
 * Finds the servers on any number of links (RFC 6762, section 5.2, and RFC 6763). The first
 * query leaves a link in the moment when the link can be used, where the RFC would have it
 * wait 20 to 120 ms: a machine that boots asks alone, and someone waits for it.
 */
export class Browser implements Machine<BrowserEffect> {
  readonly #type: Name;
  readonly #cache: ServerCache;
  readonly #queries = new Map<string, LinkQuery>();
  /** For each interface, when questions about single servers may leave again. */
  readonly #free = new Map<string, Instant>();

  /** @param type such as `_mandos._tcp.local` */
  constructor(type: Name) {
    this.#type = type;
    this.#cache = new ServerCache(type);
  }

  get next(): Instant | null {
    const moments = [...this.#queries.values()].map((query) => query.next);
    for (const entry of this.#cache.entries) {
      const free = this.#free.get(entry.interface);
      const question = entry.nextQuestion;
      const waits = free !== undefined && free > question ? free : question;
      moments.push(waits, entry.nextEnd);
    }
    return moments.reduce<Instant | null>(
      (first, moment) => (first === null || moment < first ? moment : first),
      null,
    );
  }

  setLinks(links: readonly UsableLink[], now: Instant): Effects {
    const wanted = new Map(links.map((link) => [linkKey(link), link]));
    const interfaces = new Set(links.map((link) => link.interface));
    const effects: (Send | BrowserEffect)[] = [];
    for (const [key, { link }] of this.#queries) {
      if (!wanted.has(key)) this.#queries.delete(key);
      if (interfaces.has(link.interface)) continue;
      this.#free.delete(link.interface);
      effects.push(...this.#cache.dropInterface(link.interface));
    }
    for (const [key, link] of wanted) {
      if (this.#queries.has(key)) continue;
      this.#queries.set(key, { link, pauses: queryPauses(), next: now, asked: 0 });
    }
    return [...effects, ...this.tick(now)];
  }

  receive({ link, source, bytes }: Packet, now: Instant): Effects {
    // Answers come from the port of multicast DNS, or are forged (RFC 6762, section 6).
    if (!this.#queries.has(linkKey(link)) || source.port !== MDNS_PORT) return [];
    const parsed = parseMessage(bytes);
    if (parsed.kind === 'problem' || !parsed.message.response) return [];
    const where = { interface: link.interface, source: source.address };
    const effects = this.#cache.hear(parsed.message, where, now);
    return [...effects, ...this.tick(now)];
  }

  tick(now: Instant): Effects {
    const effects: (Send | BrowserEffect)[] = [...this.#cache.expire(now)];
    for (const query of this.#queries.values()) {
      if (query.next > now) continue;
      effects.push(this.#askForAll(query, now));
      query.asked++;
      query.next = after(now, query.pauses.next().value);
    }
    if (this.#cache.full) this.#hurry(after(now, CROWDED_PAUSE));
    const interfaces = new Set([...this.#queries.values()].map(({ link }) => link.interface));
    for (const name of interfaces) effects.push(...this.#askForSingle(name, now));
    return effects;
  }

  /** The server was tried without success: when there are too many, it is forgotten first. */
  setAside(id: string): void {
    this.#cache.setAside(id);
  }

  /** No query waits longer than until then. */
  #hurry(latest: Instant): void {
    for (const query of this.#queries.values()) if (query.next > latest) query.next = latest;
  }

  #askForAll({ link, asked }: LinkQuery, now: Instant): Send {
    const question: Question = {
      name: this.#type,
      type: RecordType.ptr,
      questionClass: CLASS_IN,
      unicast: DIRECT.includes(asked),
    };
    return send(link, query({ questions: [question], answers: this.#knownOn(link, now) }));
  }

  /** Who need not answer again (RFC 6762, section 7.1): as many as fit into the packet. */
  #knownOn(link: Link, now: Instant): readonly ResourceRecord[] {
    const known = new Map<string, ResourceRecord>();
    let room = LARGEST_SENT - 12 - nameLength(this.#type) - 4;
    for (const entry of this.#cache.entries) {
      const ttl = entry.interface === link.interface ? entry.pointerLeft(now) : 0;
      if (ttl === 0 || known.has(entry.instanceKey)) continue;
      // Two pointers into the packet and the fixed fields stand beside the label.
      room -= entry.instance.length + 15;
      if (room < 0) break;
      const data = { kind: 'ptr', target: [entry.instance, ...this.#type] } as const;
      const record = { name: this.#type, recordClass: CLASS_IN, flush: false, ttl, data };
      known.set(entry.instanceKey, record);
    }
    return [...known.values()];
  }

  /** What is missing or grows old about the servers on one interface. */
  #askForSingle(name: string, now: Instant): readonly Send[] {
    if ((this.#free.get(name) ?? now) > now) return [];
    const questions = this.#cache.questions(name, MOST_QUESTIONS, now);
    if (questions.length === 0) return [];
    this.#free.set(name, after(now, QUESTION_INTERVAL));
    const links = [...this.#queries.values()].map(({ link }) => link);
    return links
      .filter((link) => link.interface === name)
      .map((link) => send(link, query({ questions })));
  }
}

function send(link: Link, message: Message): Send {
  return { kind: 'send', link, to: null, bytes: writeMessage(message) };
}
