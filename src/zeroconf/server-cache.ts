import type { Instant } from '../core/time.ts';
import { recordsIn } from './conflict.ts';
import type { FoundServer } from './found-server.ts';
import type { Message, Question } from './message.ts';
import { type Label, labelKey, type Name, nameKey, sameName } from './name.ts';
import { CLASS_IN, type ResourceRecord } from './record.ts';
import { entryKey, ServerEntry, type Target } from './server-entry.ts';

export type CacheEffect =
  /** A server can be asked, or has an address more than before. */
  | { readonly kind: 'found'; readonly server: FoundServer }
  | {
      readonly kind: 'gone';
      readonly id: string;
      /** `displaced`: it may well be there, but 64 others were heard of since (N6). */
      readonly why: 'expired' | 'interface' | 'displaced';
    };

/** N6. */
export const MOST_SERVERS = 64;

/**
 * What has been heard of servers. Nothing in it is trusted (N3): records that contradict
 * each other stand side by side until their time is over (the cache-flush bit, RFC 6762,
 * section 10.2, is not obeyed), and a goodbye only makes us ask. A server is never lost for
 * what somebody else says, unless 64 others crowd it out; then it is back at its next answer.
 */
export class ServerCache {
  readonly #type: Name;
  readonly #entries = new Map<string, ServerEntry>();

  constructor(type: Name) {
    this.#type = type;
  }

  /** There are so many that one more crowds out another (N6). */
  get full(): boolean {
    return this.#entries.size >= MOST_SERVERS;
  }

  get entries(): readonly ServerEntry[] {
    return [...this.#entries.values()];
  }

  /** Takes what a response says. @param source the sender's address */
  hear(
    message: Message,
    where: { readonly interface: string; readonly source: string },
    now: Instant,
  ): readonly CacheEffect[] {
    const records = recordsIn(message).filter(({ recordClass }) => recordClass === CLASS_IN);
    const effects: CacheEffect[] = [];
    for (const record of records) effects.push(...this.#hearTarget(record, where, now));
    for (const record of records) effects.push(...this.#hearName(record, where, now));
    const changed = new Set<ServerEntry>();
    for (const record of records) {
      for (const entry of this.#hearAddress(record, where.interface, now)) changed.add(entry);
    }
    for (const entry of changed) {
      const { server } = entry;
      if (server === null) continue;
      entry.told = true;
      effects.push({ kind: 'found', server });
    }
    return effects;
  }

  /** Forgets what has lasted long enough. */
  expire(now: Instant): readonly CacheEffect[] {
    const over = this.entries.filter((entry) => {
      const { complete } = entry;
      entry.dropOld(now);
      return entry.end <= now || (complete && !entry.complete);
    });
    return over.flatMap((entry) => this.#forget(entry, 'expired'));
  }

  dropInterface(name: string): readonly CacheEffect[] {
    const there = this.entries.filter((entry) => entry.interface === name);
    return there.flatMap((entry) => this.#forget(entry, 'interface'));
  }

  /** The server was tried without success. */
  setAside(id: string): void {
    const entry = this.#entries.get(id);
    if (entry !== undefined) entry.setAside = true;
  }

  /** What is to be asked on an interface now: at most `room` questions, none twice. */
  questions(interfaceName: string, room: number, now: Instant): readonly Question[] {
    const due = this.entries
      .filter((entry) => entry.interface === interfaceName && entry.nextQuestion <= now)
      .toSorted((one, other) => one.nextQuestion - other.nextQuestion);
    const questions = new Map<string, Question>();
    for (const entry of due) {
      if (questions.size + 3 > room) break;
      for (const question of entry.ask(this.#type, now)) {
        questions.set(`${question.type} ${nameKey(question.name)}`, question);
      }
    }
    return [...questions.values()];
  }

  #hearName(
    { name, ttl, data }: ResourceRecord,
    where: { readonly interface: string; readonly source: string },
    now: Instant,
  ): readonly CacheEffect[] {
    if (data.kind !== 'ptr' || !sameName(name, this.#type)) return [];
    const instance = this.#instanceOf(data.target);
    if (instance === null) return [];
    const known = this.#named(where.interface, instance);
    for (const entry of known) {
      if (ttl === 0) entry.goodbye(now);
      else entry.hearPointer(ttl, now);
    }
    if (ttl === 0 || known.length > 0) return [];
    return this.#remember(new ServerEntry(where, instance, null, ttl, now));
  }

  #hearTarget(
    { name, ttl, data }: ResourceRecord,
    where: { readonly interface: string; readonly source: string },
    now: Instant,
  ): readonly CacheEffect[] {
    const instance = data.kind === 'srv' ? this.#instanceOf(name) : null;
    if (data.kind !== 'srv' || instance === null) return [];
    const target: Target = { host: data.target, port: data.port };
    // A service that is decidedly not there (RFC 2782).
    if (target.port === 0 || target.host.length === 0) return [];
    const known = this.#entries.get(entryKey(where.interface, instance, target));
    if (known !== undefined) {
      if (ttl === 0) known.goodbye(now);
      else known.renew(ttl, now);
      return [];
    }
    if (ttl === 0) return [];
    this.#entries.delete(entryKey(where.interface, instance, null));
    return this.#remember(new ServerEntry(where, instance, target, ttl, now));
  }

  #hearAddress(
    { name, ttl, data }: ResourceRecord,
    interfaceName: string,
    now: Instant,
  ): readonly ServerEntry[] {
    if (data.kind !== 'a' && data.kind !== 'aaaa') return [];
    const key = nameKey(name);
    return this.entries.filter((entry) => {
      if (entry.interface !== interfaceName || entry.hostKey !== key) return false;
      if (ttl > 0) return entry.addAddress(data.address, ttl, now);
      entry.goodbyeAddress(data.address, now);
      return false;
    });
  }

  /** The service's own label in `Mandos._mandos._tcp.local`; null in any other name. */
  #instanceOf(name: Name): Label | null {
    const [instance, ...type] = name;
    return instance !== undefined && sameName(type, this.#type) ? instance : null;
  }

  #named(interfaceName: string, instance: Label): readonly ServerEntry[] {
    const key = labelKey(instance);
    return this.entries.filter(
      (entry) => entry.interface === interfaceName && entry.instanceKey === key,
    );
  }

  #remember(entry: ServerEntry): readonly CacheEffect[] {
    const victim = this.full ? this.#mostDispensable() : undefined;
    const effects = victim === undefined ? [] : this.#forget(victim, 'displaced');
    this.#entries.set(entry.key, entry);
    return effects;
  }

  /**
   * Who gives way when there are too many (N6): one that was tried in vain, else one of the
   * sender who told of the most; among these the one not heard of for longest.
   */
  #mostDispensable(): ServerEntry | undefined {
    const told = new Map<string, number>();
    for (const { source } of this.#entries.values()) told.set(source, (told.get(source) ?? 0) + 1);
    const most = Math.max(...told.values());
    const aside = this.entries.filter((entry) => entry.setAside);
    const loud = this.entries.filter((entry) => told.get(entry.source) === most);
    const [first] = (aside.length > 0 ? aside : loud).toSorted((a, b) => a.heard - b.heard);
    return first;
  }

  #forget(entry: ServerEntry, why: 'expired' | 'interface' | 'displaced'): readonly CacheEffect[] {
    this.#entries.delete(entry.key);
    return entry.told ? [{ kind: 'gone', id: entry.key, why }] : [];
  }
}
