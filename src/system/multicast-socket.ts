import { createSocket, type RemoteInfo, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { BlockList } from 'node:net';
import { MandosError } from '../core/error.ts';
import type { Log } from '../core/log.ts';
import { after, type Clock, milliseconds } from '../core/time.ts';
import type { NetworkInterface } from './network-interfaces.ts';

export type Family = 'ipv4' | 'ipv6';

/** A packet to or from a multicast group: the group's, or one `peer`'s. */
export interface Datagram {
  readonly interface: string;
  readonly family: Family;
  readonly peer: { readonly address: string; readonly port: number } | null;
  readonly bytes: Uint8Array;
}

export interface ReceivedDatagram extends Datagram {
  readonly peer: { readonly address: string; readonly port: number };
}

/** An interface on which the group was joined and can be spoken to. */
export interface MulticastLink {
  readonly interface: string;
  readonly family: Family;
  /** The interface's own addresses, of both families, numeric and without scope. */
  readonly addresses: readonly string[];
}

export interface MulticastListener {
  received(datagram: ReceivedDatagram): void;
  linksChanged(links: readonly MulticastLink[]): void;
}

export interface MulticastOptions {
  readonly family: Family;
  readonly group: string;
  readonly port: number;
  readonly log: Log;
  readonly clock: Clock;
}

const EVERYWHERE = { ipv4: '0.0.0.0', ipv6: '::' } as const;

/** An IPv6 address cannot be used while it is checked for duplicates; that takes a second or two. */
const RETRY_AFTER = milliseconds(100);
const MOST_RETRIES = 30;

/** An interface may be there a moment before its group can be joined. */
const JOIN_AGAIN_AFTER = milliseconds(1000);

/**
 * A UDP socket of one family for multicast DNS on any number of interfaces. It shares the
 * port with others who allow that. Only packets from the link itself are let through
 * (RFC 6762, section 11; the hop limit, which would tell, cannot be read from Node).
 */
export class MulticastSocket implements AsyncDisposable {
  readonly #options: MulticastOptions;
  readonly #socket: Socket;
  #listener: MulticastListener | null = null;
  #links = new Map<string, Joined>();
  /** Sends wait for one another: the interface of IPv4 multicast is a setting of the socket. */
  #sending: Promise<void> = Promise.resolve();
  #callOffJoin = (): void => undefined;
  #closed = false;

  private constructor(options: MulticastOptions, socket: Socket) {
    this.#options = options;
    this.#socket = socket;
    socket.on('message', (bytes, from) => this.#received(bytes, from));
    socket.on('error', (error) => options.log.log('debug', `multicast socket: ${error.message}`));
  }

  /** @throws MandosError `network`; see `isPortTaken` */
  static async open(options: MulticastOptions): Promise<MulticastSocket> {
    const { family, port } = options;
    const socket = createSocket({
      type: family === 'ipv6' ? 'udp6' : 'udp4',
      reuseAddr: true,
      ipv6Only: family === 'ipv6',
    });
    try {
      socket.bind({ port, address: EVERYWHERE[family] });
      await once(socket, 'listening');
      socket.setMulticastTTL(255);
      socket.setMulticastLoopback(true);
    } catch (cause) {
      socket.close();
      throw new MandosError('network', `cannot use UDP port ${port} (${errorCode(cause)})`, {
        cause,
      });
    }
    return new MulticastSocket(options, socket);
  }

  /** From now on the listener hears what arrives. */
  start(listener: MulticastListener): void {
    this.#listener = listener;
  }

  /** Joins the group on these interfaces and leaves it on all others. */
  setInterfaces(interfaces: readonly NetworkInterface[]): void {
    if (this.#closed) return;
    this.#callOffJoin();
    const before = this.#links;
    this.#links = new Map();
    let refused = false;
    // Before others are joined: a group is left by address, which may be under a new name.
    const names = new Set(interfaces.map(({ name }) => name));
    for (const [name, link] of before) if (!names.has(name)) this.#leave(link);
    for (const candidate of interfaces) {
      const { name } = candidate;
      const own = candidate.addresses.filter(({ family }) => family === this.#options.family);
      const [address] = own;
      if (address === undefined) continue;
      const known = before.get(name);
      const membership = this.#membership(name, address.address);
      const same = known?.membership === membership && known.index === candidate.index;
      if (known !== undefined && !same) this.#leave(known);
      if (!same && !this.#join(name, membership)) refused = true;
      else {
        this.#links.set(name, { ...joined(candidate, own), membership, address: address.address });
      }
    }
    for (const [name, link] of before) {
      if (names.has(name) && !this.#links.has(name)) this.#leave(link);
    }
    if (refused) {
      const { clock } = this.#options;
      const again = (): void => this.setInterfaces(interfaces);
      this.#callOffJoin = clock.at(after(clock.now(), JOIN_AGAIN_AFTER), again);
    }
    const { family } = this.#options;
    const all = interfaces.filter(({ name }) => this.#links.has(name));
    this.#listener?.linksChanged(
      all.map(({ name, addresses }) => {
        return { interface: name, family, addresses: addresses.map(({ address }) => address) };
      }),
    );
  }

  /** Sends soon. What cannot be sent is dropped, as the network itself might do. */
  send(datagram: Datagram): void {
    if (this.#closed) return;
    this.#sending = this.#sending.then(() => this.#sendNow(datagram, 0));
  }

  /** Waits for what was sent, then closes the socket. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    this.#callOffJoin();
    await this.#sending;
    const closed = once(this.#socket, 'close');
    this.#socket.close();
    await closed;
  }

  async #sendNow(datagram: Datagram, retries: number): Promise<void> {
    const link = this.#links.get(datagram.interface);
    if (link === undefined) return;
    const { group, port, family } = this.#options;
    const { address, port: toPort } = datagram.peer ?? {
      address: family === 'ipv6' ? `${group}%${datagram.interface}` : group,
      port,
    };
    try {
      if (family === 'ipv4' && datagram.peer === null) {
        this.#socket.setMulticastInterface(link.address);
      }
      const { promise, resolve, reject } = Promise.withResolvers<void>();
      this.#socket.send(datagram.bytes, toPort, address, (error) =>
        error === null || error === undefined ? resolve() : reject(error),
      );
      await promise;
    } catch (error) {
      this.#failed(datagram, retries, error);
    }
  }

  #failed(datagram: Datagram, retries: number, error: unknown): void {
    const code = errorCode(error);
    if (code !== 'EADDRNOTAVAIL' || retries >= MOST_RETRIES || this.#closed) {
      this.#options.log.log('debug', `cannot send on ${datagram.interface} (${code})`);
      return;
    }
    const { clock } = this.#options;
    clock.at(after(clock.now(), RETRY_AFTER), () => {
      if (this.#closed) return;
      this.#sending = this.#sending.then(() => this.#sendNow(datagram, retries + 1));
    });
  }

  #received(bytes: Uint8Array, from: RemoteInfo): void {
    const [bare = '', scope] = from.address.split('%');
    const name = scope ?? this.#interfaceOf(bare);
    if (name === undefined || !this.#links.has(name)) return;
    const peer = { address: from.address, port: from.port };
    this.#listener?.received({ interface: name, family: this.#options.family, peer, bytes });
  }

  /** Whose network an address without a scope is on; undefined when it is on none. */
  #interfaceOf(address: string): string | undefined {
    for (const [name, { networks }] of this.#links) {
      if (networks.check(address, this.#options.family)) return name;
    }
    return undefined;
  }

  #membership(name: string, address: string): string {
    return this.#options.family === 'ipv6' ? `::%${name}` : address;
  }

  #join(name: string, membership: string): boolean {
    try {
      this.#socket.addMembership(this.#options.group, membership);
      return true;
    } catch (error) {
      const code = errorCode(error);
      if (code === 'EADDRINUSE') return true;
      this.#options.log.log('debug', `cannot join ${this.#options.group} on ${name} (${code})`);
      return false;
    }
  }

  #leave({ membership }: Joined): void {
    try {
      this.#socket.dropMembership(this.#options.group, membership);
    } catch {
      // The kernel leaves the group by itself when the interface or the address is gone.
    }
  }
}

interface Joined {
  readonly index: number;
  readonly address: string;
  readonly membership: string;
  /** The addresses that are on the link. */
  readonly networks: BlockList;
}

function joined({ index }: NetworkInterface, own: NetworkInterface['addresses']) {
  const networks = new BlockList();
  for (const { address, prefixLength, family } of own) {
    networks.addSubnet(address, prefixLength, family);
  }
  return { index, networks };
}

function errorCode(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : String(error);
}

/**
 * Whether a `MandosError` says that another program keeps the port to itself: an
 * avahi-daemon with `disallow-other-stacks`. Then only it can announce anything here.
 */
export function isPortTaken(error: unknown): boolean {
  return error instanceof MandosError && errorCode(error.cause) === 'EADDRINUSE';
}
