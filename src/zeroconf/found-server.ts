import { addressText, isLinkLocal, isUnicast } from './ip-address.ts';

/** A Mandos server on a link, as it announces itself. Nothing of it is proven (N3, N6). */
export interface FoundServer {
  /** The same for the same interface, service name, host and port. */
  readonly id: string;
  /** The service's name for people; it may hold anything that is text. */
  readonly name: string;
  readonly interface: string;
  readonly host: string;
  readonly port: number;
  /**
   * Numeric, with `%interface` where it is IPv6 link-local; such come first, then other
   * IPv6, then IPv4. At least one, at most eight.
   */
  readonly addresses: readonly string[];
}

/** How to connect to an announced address; null for what no other machine has. */
export function connectable(address: Uint8Array, interfaceName: string): string | null {
  if (!isUnicast(address)) return null;
  const text = addressText(address);
  // The records carry no scope (COMPATIBILITY: AAAA records of link-local addresses).
  return address.length === 16 && isLinkLocal(address) ? `${text}%${interfaceName}` : text;
}

/** Link-local IPv6 before other IPv6 before IPv4, else as they came. */
export function inOrder(addresses: Iterable<string>): readonly string[] {
  const rank = (text: string): number => (text.includes('%') ? 0 : text.includes(':') ? 1 : 2);
  return [...addresses].toSorted((one, other) => rank(one) - rank(other));
}
