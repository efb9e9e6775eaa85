import { readFileSync } from 'node:fs';
import { networkInterfaces } from 'node:os';
import { after, type Clock, type Duration } from '../core/time.ts';

export interface InterfaceAddress {
  readonly family: 'ipv4' | 'ipv6';
  /** Numeric, without a scope. */
  readonly address: string;
  readonly prefixLength: number;
}

/** A network interface that is up and running. */
export interface NetworkInterface {
  readonly name: string;
  /** Another one when the interface was made anew; 0 when it has no IPv6 address. */
  readonly index: number;
  /** Those from which packets can be sent now. */
  readonly addresses: readonly InterfaceAddress[];
}

/** Flags of IPv6 addresses in the kernel's table (linux/if_addr.h). */
const OPTIMISTIC = 0x04;
const DAD_FAILED = 0x08;
const TENTATIVE = 0x40;

/**
 * The network interfaces that are up, but for the loopback. IPv6 addresses that the kernel
 * still checks for duplicates are left out: nothing can be sent from them yet.
 */
export function readNetworkInterfaces(): readonly NetworkInterface[] {
  const kernel = ipv6Table();
  const found = new Map<string, { index: number; addresses: InterfaceAddress[] }>();
  for (const [label, infos = []] of Object.entries(networkInterfaces())) {
    // An IPv4 address may have a label of its own, such as eth0:1.
    const name = label.replace(/:.*$/, '');
    for (const { address, family, internal, cidr, ...more } of infos) {
      if (internal) continue;
      const entry = found.get(name) ?? { index: 0, addresses: [] };
      found.set(name, entry);
      const prefixLength = Number(cidr?.split('/')[1] ?? 128);
      if (family === 'IPv4') {
        entry.addresses.push({ family: 'ipv4', address, prefixLength });
        continue;
      }
      const row = kernel.get(`${name} ${address}`);
      entry.index = row?.index ?? more.scopeid ?? entry.index;
      if (row === undefined || row.usable) {
        entry.addresses.push({ family: 'ipv6', address, prefixLength });
      }
    }
  }
  return [...found].map(([name, entry]) => ({ name, ...entry }));
}

/** What the kernel knows of each IPv6 address; empty where there is no such table. */
function ipv6Table(): Map<string, { readonly index: number; readonly usable: boolean }> {
  const rows = new Map<string, { index: number; usable: boolean }>();
  let text: string;
  try {
    text = readFileSync('/proc/net/if_inet6', 'latin1');
  } catch {
    return rows;
  }
  for (const line of text.split('\n')) {
    const [digits, index = '', , , flagDigits = '', name] = line.trim().split(/\s+/);
    if (digits === undefined || name === undefined) continue;
    const flags = Number.parseInt(flagDigits, 16);
    const waits = (flags & TENTATIVE) !== 0 && (flags & OPTIMISTIC) === 0;
    const usable = !waits && (flags & DAD_FAILED) === 0;
    const address = canonical(digits.replace(/(....)(?!$)/g, '$1:'));
    rows.set(`${name} ${address}`, { index: Number.parseInt(index, 16), usable });
  }
  return rows;
}

/** As Node writes it. */
function canonical(address: string): string {
  return new URL(`http://[${address}]/`).hostname.slice(1, -1);
}

export interface WatchOptions {
  readonly clock: Clock;
  /** How often to look, at the least. */
  readonly period: Duration;
  /** Calls its argument when something may have changed, until it is disposed of. */
  readonly news?: (changed: () => void) => Disposable | null;
}

/**
 * Tells which interfaces there are: at once, and whenever that has changed. It looks every
 * `period`, and when there is news of a change.
 */
export function watchNetworkInterfaces(
  options: WatchOptions,
  listener: (interfaces: readonly NetworkInterface[]) => void,
): Disposable {
  const { clock, period } = options;
  let last = '';
  let callOff = (): void => undefined;
  const look = (): void => {
    callOff();
    callOff = clock.at(after(clock.now(), period), look);
    const interfaces = readNetworkInterfaces();
    const now = JSON.stringify(interfaces);
    if (now === last) return;
    last = now;
    listener(interfaces);
  };
  // Before the first look, so that nothing is missed in between.
  const news = options.news?.(look);
  look();
  return {
    [Symbol.dispose]() {
      news?.[Symbol.dispose]();
      callOff();
    },
  };
}
