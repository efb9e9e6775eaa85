import type { Log } from '../core/log.ts';
import { isPortTaken, type MulticastLink, MulticastSocket } from '../system/multicast-socket.ts';
import { type WatchOptions, watchNetworkInterfaces } from '../system/network-interfaces.ts';
import { parseAddress } from './ip-address.ts';
import {
  type Family,
  MDNS_PORT,
  type Packet,
  type Send,
  type Transport,
  type UsableLink,
} from './link.ts';

export interface MulticastOptions extends WatchOptions {
  /** The kinds of IP to speak, at least one; one that the system lacks is left out. */
  readonly families: readonly Family[];
  /** Whether an interface is to be used. */
  readonly wanted: (interfaceName: string) => boolean;
  readonly log: Log;
}

export interface MulticastListener {
  received(packet: Packet): void;
  linksChanged(links: readonly UsableLink[]): void;
}

const GROUPS = { ipv4: '224.0.0.251', ipv6: 'ff02::fb' } as const;

/** Multicast DNS on the machine's interfaces, over one socket for each kind of IP. */
export class NodeMulticast implements Transport, AsyncDisposable {
  readonly #options: MulticastOptions;
  readonly #sockets: ReadonlyMap<Family, MulticastSocket>;
  #watch: Disposable | null = null;

  private constructor(options: MulticastOptions, sockets: ReadonlyMap<Family, MulticastSocket>) {
    this.#options = options;
    this.#sockets = sockets;
  }

  /** @throws MandosError `network` when the port cannot be had: see `isPortTaken` */
  static async open(options: MulticastOptions): Promise<NodeMulticast> {
    const { log, clock } = options;
    const sockets = new Map<Family, MulticastSocket>();
    const multicast = new NodeMulticast(options, sockets);
    for (const family of options.families) {
      const settings = { family, group: GROUPS[family], port: MDNS_PORT, log, clock };
      try {
        sockets.set(family, await MulticastSocket.open(settings));
      } catch (error) {
        const last = family === options.families.at(-1);
        if (isPortTaken(error) || (last && sockets.size === 0)) {
          await multicast[Symbol.asyncDispose]();
          throw error;
        }
        log.log('debug', `no multicast DNS over ${family}: ${String(error)}`);
      }
    }
    return multicast;
  }

  /** From now on the listener hears what arrives and where packets can be sent. */
  start(listener: MulticastListener): void {
    const links = new Map<Family, readonly MulticastLink[]>();
    for (const [family, socket] of this.#sockets) {
      socket.start({
        received: ({ interface: name, peer, bytes }) =>
          listener.received({ link: { interface: name, family }, source: peer, bytes }),
        linksChanged: (changed) => {
          links.set(family, changed);
          listener.linksChanged([...links.values()].flat().map(usable));
        },
      });
    }
    this.#watch = watchNetworkInterfaces(this.#options, (interfaces) => {
      const wanted = interfaces.filter(({ name }) => this.#options.wanted(name));
      for (const socket of this.#sockets.values()) socket.setInterfaces(wanted);
    });
  }

  send({ link, to, bytes }: Send): void {
    const { interface: name, family } = link;
    this.#sockets.get(family)?.send({ interface: name, family, peer: to, bytes });
  }

  /** Waits for what was sent. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#watch?.[Symbol.dispose]();
    await Promise.all([...this.#sockets.values()].map((socket) => socket[Symbol.asyncDispose]()));
  }
}

function usable({ addresses, ...link }: MulticastLink): UsableLink {
  return { ...link, addresses: addresses.flatMap((text) => parseAddress(text) ?? []) };
}
