import { MandosError } from '../core/error.ts';
import { SystemCallError } from '../native/libc.ts';
import { bootClock } from '../system/boot-clock.ts';
import { errnoName } from '../system/errno.ts';
import { quietenKernel } from '../system/kernel-console.ts';
import { readNetworkInterfaces } from '../system/network-interfaces.ts';
import { watchNetworkNews } from '../system/network-news.ts';
import { quickenAddresses } from '../system/quick-addresses.ts';
import { raised } from '../system/raised.ts';
import {
  addHostRoute,
  deleteHostRoute,
  type KernelLink,
  LinkFlag,
  readLink,
  readLinks,
  setLinkUp,
} from '../system/rtnetlink.ts';
import { parseAddress } from '../zeroconf/ip-address.ts';
import type { Network, NetworkLink } from './network.ts';
import type { ServerAddress } from './server-address.ts';

/** The network of this machine, by rtnetlink(7). */
export class NodeNetwork implements Network {
  /** How to put back the settings of interfaces that were brought up, by index. */
  readonly #slower = new Map<number, (nameNow: string) => void>();

  links(): readonly NetworkLink[] {
    return attempt('read the network interfaces', readLinksNow).map(asLink);
  }

  watch(changed: () => void): Disposable | null {
    return watchNetworkNews(bootClock, changed);
  }

  addressState(): string {
    return JSON.stringify(readNetworkInterfaces());
  }

  bringUp({ index, name }: NetworkLink): void {
    attempt('bring it up', () => {
      raised(() => {
        if (!this.#slower.has(index)) this.#slower.set(index, quickenAddresses(name));
        setLinkUp(index, true);
        // So that the kernel notes the carrier, if there is one, and gives it its address.
        readLink(index);
      });
    });
  }

  takeDown({ index, name }: NetworkLink): void {
    attempt('take it down', () => {
      raised(() => {
        this.#slower.get(index)?.(name);
        this.#slower.delete(index);
        setLinkUp(index, false);
      });
    });
  }

  addRoute({ address: text }: ServerAddress, interfaceName: string): Disposable | null {
    const address = parseAddress(text);
    const link = this.links().find(({ name }) => name === interfaceName);
    if (address === null || link === undefined) return null;
    const route = { address, index: link.index };
    const added = attempt('add a route', () => raised(() => addNew(route)));
    if (!added) return null;
    return {
      [Symbol.dispose]: () => attempt('delete a route', () => raised(() => deleteHostRoute(route))),
    };
  }

  quietenKernel(): Disposable {
    const undo = attempt('keep back kernel messages', () => raised(() => quietenKernel()));
    return {
      [Symbol.dispose]: () => attempt('bring back kernel messages', () => raised(() => undo?.())),
    };
  }
}

/** What is up and does not run yet is asked for by itself, as it may run by now. */
function readLinksNow(): readonly KernelLink[] {
  return readLinks().flatMap((link) => {
    const runs = (link.flags & LinkFlag.up) === 0 || (link.flags & LinkFlag.running) !== 0;
    return runs ? [link] : (readLink(link.index) ?? []);
  });
}

const EEXIST = 17;

/** False when there is such a route already. */
function addNew(route: Parameters<typeof addHostRoute>[0]): boolean {
  try {
    addHostRoute(route);
    return true;
  } catch (error) {
    if (error instanceof SystemCallError && error.errno === EEXIST) return false;
    throw error;
  }
}

function asLink({ index, name, flags }: KernelLink): NetworkLink {
  const has = (flag: number): boolean => (flags & flag) !== 0;
  const up = has(LinkFlag.up);
  return {
    ...{ index, name, up },
    running: up && has(LinkFlag.running),
    loopback: has(LinkFlag.loopback),
    pointToPoint: has(LinkFlag.pointToPoint),
    broadcast: has(LinkFlag.broadcast),
    noArp: has(LinkFlag.noArp),
  };
}

function attempt<T>(what: string, act: () => T): T {
  try {
    return act();
  } catch (cause) {
    if (!(cause instanceof SystemCallError)) throw cause;
    throw new MandosError('network', `cannot ${what} (${errnoName(cause.errno)})`, { cause });
  }
}
