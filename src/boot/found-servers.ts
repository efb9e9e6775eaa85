import type { Duration } from '../core/time.ts';
import { milliseconds } from '../core/time.ts';
import type { FoundServer } from '../zeroconf/found-server.ts';
import { formatServer, type ServerAddress } from './server-address.ts';

/**
 * From one address of a server to its next: the first mostly does, and a server asked twice
 * at once has to do everything twice.
 */
const STAGGER: Duration = milliseconds(200);

/** Where found addresses go; the search for a password is one. */
export interface AddressTaker {
  add(server: ServerAddress, pause: Duration): void;
  remove(server: ServerAddress): void;
}

interface Known {
  readonly server: ServerAddress;
  readonly interface: string;
  /** The servers that are said to have this address. */
  readonly ids: Set<string>;
}

/**
 * What Zeroconf has found, as addresses to ask. Each address stands for itself: anybody can
 * announce one under any server's name (N3), and a wrong one must not hide the right one.
 */
export class FoundServers {
  readonly #taker: AddressTaker;
  readonly #known = new Map<string, Known>();

  constructor(taker: AddressTaker) {
    this.#taker = taker;
  }

  /** A server is new, or its addresses have changed. */
  found(found: FoundServer): void {
    const servers = found.addresses.map((text) => addressOf(text, found.port));
    const names = new Set(servers.map(formatServer));
    for (const name of [...this.#known.keys()]) if (!names.has(name)) this.#drop(name, found.id);
    for (const [index, server] of servers.entries()) {
      const name = formatServer(server);
      const known = this.#known.get(name);
      if (known !== undefined) {
        known.ids.add(found.id);
        continue;
      }
      const { interface: heardOn, id } = found;
      this.#known.set(name, { server, interface: heardOn, ids: new Set([id]) });
      this.#taker.add(server, milliseconds(index * STAGGER));
    }
  }

  gone(id: string): void {
    for (const name of [...this.#known.keys()]) this.#drop(name, id);
  }

  /** The servers that are said to be at the address. */
  idsAt(server: ServerAddress): readonly string[] {
    return [...(this.#known.get(formatServer(server))?.ids ?? [])];
  }

  /** The interface on which the address was heard of; null when it was not. */
  interfaceOf(server: ServerAddress): string | null {
    return this.#known.get(formatServer(server))?.interface ?? null;
  }

  #drop(name: string, id: string): void {
    const known = this.#known.get(name);
    if (!known?.ids.delete(id) || known.ids.size > 0) return;
    this.#known.delete(name);
    this.#taker.remove(known.server);
  }
}

/** @param text numeric, with `%interface` when it is IPv6 link-local */
function addressOf(text: string, port: number): ServerAddress {
  const [address = '', scope] = text.split('%');
  return { address, port, interface: scope ?? null };
}
