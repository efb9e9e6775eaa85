import type { Instant } from '../core/time.ts';

export type Family = 'ipv4' | 'ipv6';

/** A network interface and the kind of IP that is spoken on it: one multicast DNS link. */
export interface Link {
  readonly interface: string;
  readonly family: Family;
}

/** A link that can be used now, and the interface's own addresses (of both kinds). */
export interface UsableLink extends Link {
  readonly addresses: readonly Uint8Array[];
}

export function linkKey(link: Link): string {
  return `${link.interface}/${link.family}`;
}

/** Another program on a link. */
export interface Peer {
  /** Numeric; with `%interface` when it is IPv6 link-local. */
  readonly address: string;
  readonly port: number;
}

/** What arrived. The transport lets only packets through that come from the link itself. */
export interface Packet {
  readonly link: Link;
  readonly source: Peer;
  readonly bytes: Uint8Array;
}

/** What is to be sent: to the multicast group, or `to` one peer. */
export interface Send {
  readonly kind: 'send';
  readonly link: Link;
  readonly to: Peer | null;
  readonly bytes: Uint8Array;
}

/** The port of multicast DNS; answers from another are not to be believed (RFC 6762, section 6). */
export const MDNS_PORT = 5353;

/**
 * A decider without I/O: events in, effects out. `next` is when `tick` wants to be called;
 * calling it earlier or later does no harm.
 */
export interface Machine<Effect> {
  setLinks(links: readonly UsableLink[], now: Instant): readonly (Send | Effect)[];
  receive(packet: Packet, now: Instant): readonly (Send | Effect)[];
  tick(now: Instant): readonly (Send | Effect)[];
  readonly next: Instant | null;
}

/** What carries packets for a machine. Sending never fails loudly: multicast is unreliable anyway. */
export interface Transport {
  send(packet: Send): void;
}
