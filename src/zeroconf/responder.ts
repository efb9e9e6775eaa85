import { after, type Instant } from '../core/time.ts';
import { alternativeHostName, alternativeServiceName } from './alternative-name.ts';
import { isUnicast } from './ip-address.ts';
import {
  linkKey,
  type Machine,
  MDNS_PORT,
  type Packet,
  type Send,
  type UsableLink,
} from './link.ts';
import { labelOf, type Name } from './name.ts';
import { OwnHistory } from './own-history.ts';
import { announcedRecords, type ServiceRecords, serviceRecords } from './own-records.ts';
import { parseMessage } from './parse-message.ts';
import type { ResourceRecord } from './record.ts';
import { type Conflict, ResponderLink } from './responder-link.ts';
import { CONFLICT_PERIOD, CONFLICT_WAIT, MOST_CONFLICTS } from './responder-timing.ts';

export interface Service {
  /** Such as `_mandos._tcp.local`. */
  readonly type: Name;
  /** What people see: at most 63 bytes of UTF-8. */
  readonly name: string;
  /** A name for this machine's addresses, without `.local`; one label. */
  readonly host: string;
  readonly port: number;
}

export type ResponderEffect =
  | { readonly kind: 'renamed'; readonly what: 'service' | 'host'; readonly name: string }
  /** From now on the service can be found on the link. */
  | { readonly kind: 'announced'; readonly link: UsableLink };

type Effects = readonly (Send | ResponderEffect)[];

/** More would not fit into a packet together. */
const MOST_ADDRESSES = 16;

interface LinkEntry {
  readonly usable: UsableLink;
  readonly responder: ResponderLink;
}

/**
 * Announces one service on any number of links (RFC 6762 and 6763). The names are the same
 * on all of them; a conflict on one renames all. Its answers say only the addresses of
 * the interface they go out to, so it works on a link with nothing but IPv6 link-local.
 */
export class Responder implements Machine<ResponderEffect> {
  readonly #service: Service;
  readonly #random: () => number;
  readonly #links = new Map<string, LinkEntry>();
  readonly #own = new OwnHistory();
  #name: string;
  #host: string;
  #hostAttempts = 1;
  #conflicts: readonly Instant[] = [];
  #slow = false;
  #stopped = false;

  /**
   * @param random numbers from 0 up to, not including, 1
   * @throws RangeError when the name or the host is no label
   */
  constructor(service: Service, random: () => number) {
    this.#service = service;
    this.#random = random;
    this.#name = service.name;
    this.#host = service.host;
    labelOf(service.name);
    labelOf(service.host);
  }

  /** The name that the service has now. */
  get name(): string {
    return this.#name;
  }

  get next(): Instant | null {
    let next: Instant | null = null;
    for (const { responder } of this.#links.values()) {
      if (responder.next !== null && (next === null || responder.next < next))
        next = responder.next;
    }
    return next;
  }

  setLinks(links: readonly UsableLink[], now: Instant): Effects {
    if (this.#stopped) return [];
    const wanted = new Map(links.map((link) => [linkKey(link), link]));
    for (const key of this.#links.keys()) if (!wanted.has(key)) this.#links.delete(key);
    for (const [key, usable] of wanted) {
      const known = this.#links.get(key);
      const records = this.#recordsOn(usable);
      if (known === undefined) {
        const responder = new ResponderLink(usable, records, this.#random, now);
        this.#links.set(key, { usable, responder });
      } else if (!sameAddresses(known.usable, usable)) {
        known.responder.readdress(records, now);
        this.#links.set(key, { usable, responder: known.responder });
      }
    }
    this.#noteOwn(now);
    return this.tick(now);
  }

  receive({ link, source, bytes }: Packet, now: Instant): Effects {
    const entry = this.#links.get(linkKey(link));
    if (entry === undefined) return [];
    const parsed = parseMessage(bytes);
    if (parsed.kind === 'problem') return [];
    const { message } = parsed;
    const isOurs = (record: ResourceRecord): boolean => this.#own.has(record, now);
    if (!message.response) {
      return [...entry.responder.query(message, source, isOurs, now), ...this.tick(now)];
    }
    // Answers come from the port of multicast DNS, or are forged (RFC 6762, section 6).
    if (source.port !== MDNS_PORT) return [];
    const conflict = entry.responder.response(message, isOurs, now);
    return [...this.#settle(conflict, entry, now), ...this.tick(now)];
  }

  tick(now: Instant): Effects {
    const effects: (Send | ResponderEffect)[] = [];
    for (const { usable, responder } of this.#links.values()) {
      const before = responder.state;
      effects.push(...responder.tick(now));
      if (before === 'probing' && responder.state !== 'probing') {
        this.#slow = false;
        effects.push({ kind: 'announced', link: usable });
      }
    }
    return effects;
  }

  /** Says goodbye on all links, and nothing more from then on. */
  stop(): readonly Send[] {
    const sends = [...this.#links.values()].flatMap(({ responder }) => responder.goodbye());
    this.#links.clear();
    this.#stopped = true;
    return sends;
  }

  #settle(conflict: Conflict, entry: LinkEntry, now: Instant): Effects {
    if (conflict === 'none') return [];
    const at = this.#nextAttempt(now);
    if (entry.responder.state !== 'probing') {
      entry.responder.probe(entry.responder.records, at);
      return [];
    }
    const name = this.#rename(conflict);
    // Nobody is told that the old name ends: it is the other's now.
    for (const { usable, responder } of this.#links.values()) {
      responder.probe(this.#recordsOn(usable), at);
    }
    this.#noteOwn(now);
    return [{ kind: 'renamed', what: conflict, name }];
  }

  /** Fifteen conflicts in ten seconds slow down every attempt until one succeeds. */
  #nextAttempt(now: Instant): Instant {
    this.#conflicts = [...this.#conflicts, now]
      .filter((at) => after(at, CONFLICT_PERIOD) > now)
      .slice(-MOST_CONFLICTS);
    if (this.#conflicts.length >= MOST_CONFLICTS) this.#slow = true;
    return this.#slow ? after(now, CONFLICT_WAIT) : now;
  }

  #rename(what: 'service' | 'host'): string {
    if (what === 'service') this.#name = alternativeServiceName(this.#name);
    else this.#host = alternativeHostName(this.#service.host, ++this.#hostAttempts);
    return what === 'service' ? this.#name : this.#host;
  }

  #recordsOn(link: UsableLink): ServiceRecords {
    const { type, port } = this.#service;
    const addresses = link.addresses.filter(isUnicast).slice(0, MOST_ADDRESSES);
    return serviceRecords({
      type,
      instance: labelOf(this.#name),
      host: labelOf(this.#host),
      port,
      addresses,
    });
  }

  #noteOwn(now: Instant): void {
    const entries = [...this.#links.values()];
    this.#own.use(
      entries.flatMap(({ responder }) => announcedRecords(responder.records)),
      now,
    );
  }
}

function sameAddresses(one: UsableLink, other: UsableLink): boolean {
  const texts = ({ addresses }: UsableLink): string => addresses.map(String).toSorted().join(';');
  return texts(one) === texts(other);
}
