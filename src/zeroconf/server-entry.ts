import { after, type Instant, seconds } from '../core/time.ts';
import { connectable, type FoundServer, inOrder } from './found-server.ts';
import { doubted, type Lifetime, lifetime, refreshAt, refreshed, renewed } from './lifetime.ts';
import type { Question } from './message.ts';
import { type Label, labelKey, labelText, type Name, nameKey, nameText } from './name.ts';
import { queryPauses } from './query-schedule.ts';
import { CLASS_IN, RecordType } from './record.ts';

/** Where a service runs, from its SRV record. */
export interface Target {
  readonly host: Name;
  readonly port: number;
}

/** More are not kept for one server; the one heard of longest ago gives way. */
const MOST_ADDRESSES = 8;

/** A name without a host is forgotten after so many seconds, and heard of at the next query. */
const UNRESOLVED_TTL = 120;

const LONGEST_PAUSE = seconds(60);

/** What is known of one server on one interface: at first perhaps only its name. */
export class ServerEntry {
  readonly interface: string;
  readonly instance: Label;
  /** Null as long as only the name is known. */
  readonly target: Target | null;
  /** The address of whoever told of it first. */
  readonly source: string;
  readonly key: string;
  readonly instanceKey: string;
  /** Null as long as only the name is known. */
  readonly hostKey: string | null;
  /** Whether its being found was told on. */
  told = false;
  /** When it was last heard of. */
  heard: Instant;
  /** It was tried without success: the first to be forgotten when there are too many. */
  setAside = false;
  #life: Lifetime;
  #pointer: Lifetime | null = null;
  readonly #addresses = new Map<string, Lifetime>();
  readonly #pauses = queryPauses(LONGEST_PAUSE);
  #nextTry: Instant;
  #tries = 0;

  constructor(
    where: { readonly interface: string; readonly source: string },
    instance: Label,
    target: Target | null,
    ttl: number,
    now: Instant,
  ) {
    this.interface = where.interface;
    this.source = where.source;
    this.instance = instance;
    this.target = target;
    this.key = entryKey(where.interface, instance, target);
    this.instanceKey = labelKey(instance);
    this.hostKey = target === null ? null : nameKey(target.host);
    this.heard = now;
    this.#life = lifetime(target === null ? Math.min(ttl, UNRESOLVED_TTL) : ttl, now);
    this.#nextTry = now;
  }

  /** When all of it ends, unless it is heard of again. */
  get end(): Instant {
    return this.#life.end;
  }

  /** Whether all is known that it takes to connect. */
  get complete(): boolean {
    return this.target !== null && this.#addresses.size > 0;
  }

  /** A server that can be connected to; null while something is missing. */
  get server(): FoundServer | null {
    if (this.target === null || !this.complete) return null;
    return {
      id: this.key,
      name: labelText(this.instance),
      interface: this.interface,
      host: nameText(this.target.host),
      port: this.target.port,
      addresses: inOrder(this.#addresses.keys()),
    };
  }

  /** When there is something to ask. */
  get nextQuestion(): Instant {
    const lives = [this.#life, ...this.#addresses.values()];
    const moments = lives.map((life) => refreshAt(life) ?? life.end);
    if (!this.complete) moments.push(this.#nextTry);
    return earliest(moments);
  }

  /** When some of it ends. */
  get nextEnd(): Instant {
    return earliest([this.end, ...[...this.#addresses.values()].map(({ end }) => end)]);
  }

  /**
   * The seconds that the pointer to its name still holds; 0 when the server should answer
   * again because something is missing or the pointer is past its half.
   */
  pointerLeft(now: Instant): number {
    if (this.#pointer === null || !this.complete) return 0;
    const { start, end } = this.#pointer;
    return end - now > (end - start) / 2 ? Math.floor((end - now) / 1000) : 0;
  }

  hearPointer(ttl: number, now: Instant): void {
    this.#pointer = renewed(this.#pointer ?? undefined, ttl, now);
    if (this.target === null) this.renew(Math.min(ttl, UNRESOLVED_TTL), now);
  }

  renew(ttl: number, now: Instant): void {
    this.heard = now;
    this.#life = renewed(this.#life, ttl, now);
  }

  /** Somebody says that it goes. Only its own silence makes it go. */
  goodbye(now: Instant): void {
    this.#life = doubted(this.#life, now);
    this.#pointer = null;
  }

  /** Returns whether the address is new. */
  addAddress(address: Uint8Array, ttl: number, now: Instant): boolean {
    const text = connectable(address, this.interface);
    if (text === null) return false;
    const known = this.#addresses.get(text);
    if (known === undefined && this.#addresses.size >= MOST_ADDRESSES) {
      const [oldest] = [...this.#addresses].toSorted(
        ([, one], [, other]) => one.start - other.start,
      );
      if (oldest !== undefined) this.#addresses.delete(oldest[0]);
    }
    this.#addresses.set(text, renewed(known, ttl, now));
    return known === undefined;
  }

  /** Somebody says that the address goes. */
  goodbyeAddress(address: Uint8Array, now: Instant): void {
    const text = connectable(address, this.interface);
    const known = text === null ? undefined : this.#addresses.get(text);
    if (text !== null && known !== undefined) this.#addresses.set(text, doubted(known, now));
  }

  /** Drops the addresses whose time is over. */
  dropOld(now: Instant): void {
    for (const [text, { end }] of this.#addresses) if (end <= now) this.#addresses.delete(text);
  }

  /** What is to be asked now: what is missing, or all of it when some of it grows old. */
  ask(type: Name, now: Instant): readonly Question[] {
    if (this.nextQuestion > now) return [];
    if (!this.complete) this.#nextTry = after(now, this.#pauses.next().value);
    this.#life = refreshed(this.#life, now);
    for (const [text, life] of this.#addresses) this.#addresses.set(text, refreshed(life, now));
    // Nobody else wants to know; but should another program have got the direct answer, the
    // next time everybody shall hear it.
    const unicast = this.#tries++ % 2 === 0;
    const about = (name: Name, type: number): Question => {
      return { name, type, questionClass: CLASS_IN, unicast };
    };
    const service = about([this.instance, ...type], RecordType.srv);
    if (this.target === null) return [service];
    const { host } = this.target;
    return [service, about(host, RecordType.aaaa), about(host, RecordType.a)];
  }
}

/** The same for all that is told of the same service on the same host. */
export function entryKey(interfaceName: string, instance: Label, target: Target | null): string {
  const place = target === null ? [] : [nameKey(target.host), target.port];
  return JSON.stringify([interfaceName, labelKey(instance), ...place]);
}

function earliest(moments: readonly Instant[]): Instant {
  return moments.reduce((first, moment) => (moment < first ? moment : first));
}
