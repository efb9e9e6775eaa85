/** Network interfaces and routes by rtnetlink(7), as ip(8) has them. */
import { SystemCallError } from '../native/libc.ts';
import { netlinkExchange } from '../native/netlink.ts';
import {
  type Attribute,
  attributesIn,
  encodeRequest,
  messagesIn,
  uint32,
  viewOf,
} from './rtnetlink-message.ts';

const ENODEV = 19;
const NLMSG_ERROR = 2;
const NLMSG_DONE = 3;
const RTM_NEWLINK = 16;
const RTM_GETLINK = 18;
const RTM_NEWROUTE = 24;
const RTM_DELROUTE = 25;
const NLM_F_REQUEST = 0x001;
const NLM_F_ACK = 0x004;
const NLM_F_DUMP = 0x300;
const NLM_F_EXCL = 0x200;
const NLM_F_CREATE = 0x400;

const LINK_FIXED_SIZE = 16;
const IFLA_IFNAME = 3;
const IFLA_EXT_MASK = 29;
const RTEXT_FILTER_SKIP_STATS = 8;

/** Flags of netdevice(7). */
export const LinkFlag = {
  up: 0x1,
  broadcast: 0x2,
  loopback: 0x8,
  pointToPoint: 0x10,
  running: 0x40,
  noArp: 0x80,
} as const;

export interface KernelLink {
  readonly index: number;
  readonly name: string;
  /** Bits of `LinkFlag` and others. */
  readonly flags: number;
}

/**
 * Every network interface of this network namespace, up or down.
 * @throws SystemCallError
 */
export function readLinks(): readonly KernelLink[] {
  const links: KernelLink[] = [];
  const request = encodeRequest(
    RTM_GETLINK,
    NLM_F_REQUEST | NLM_F_DUMP,
    new Uint8Array(LINK_FIXED_SIZE),
    [{ type: IFLA_EXT_MASK, value: uint32(RTEXT_FILTER_SKIP_STATS) }],
  );
  exchange('RTM_GETLINK', request, (body) => {
    const link = linkIn(body);
    if (link !== null) links.push(link);
  });
  return links;
}

/**
 * One network interface as it is at this moment; null when it has gone. The kernel may be up
 * to a second late to note that a link has a carrier, and only then gives it addresses; to
 * be asked for this very link makes it look at once (since Linux 6.8).
 * @throws SystemCallError
 */
export function readLink(index: number): KernelLink | null {
  const fixed = new Uint8Array(LINK_FIXED_SIZE);
  viewOf(fixed).setInt32(4, index, true);
  let link: KernelLink | null = null;
  const request = encodeRequest(RTM_GETLINK, NLM_F_REQUEST | NLM_F_ACK, fixed, [
    { type: IFLA_EXT_MASK, value: uint32(RTEXT_FILTER_SKIP_STATS) },
  ]);
  try {
    exchange('RTM_GETLINK', request, (body) => {
      link = linkIn(body);
    });
  } catch (error) {
    if (error instanceof SystemCallError && error.errno === ENODEV) return null;
    throw error;
  }
  return link;
}

/**
 * Brings an interface up or takes it down.
 * @throws SystemCallError, EPERM without CAP_NET_ADMIN
 */
export function setLinkUp(index: number, up: boolean): void {
  const fixed = new Uint8Array(LINK_FIXED_SIZE);
  const view = viewOf(fixed);
  view.setInt32(4, index, true);
  view.setUint32(8, up ? LinkFlag.up : 0, true);
  view.setUint32(12, LinkFlag.up, true);
  exchange('RTM_NEWLINK', encodeRequest(RTM_NEWLINK, NLM_F_REQUEST | NLM_F_ACK, fixed, []));
}

const AF_INET = 2;
const AF_INET6 = 10;
const RT_TABLE_MAIN = 254;
const RTPROT_BOOT = 3;
const RT_SCOPE_LINK = 253;
const RTN_UNICAST = 1;
const RTA_DST = 1;
const RTA_OIF = 4;

/** A way to one address, which is on the link of an interface. */
export interface HostRoute {
  /** 4 or 16 bytes. */
  readonly address: Uint8Array;
  readonly index: number;
}

/** @throws SystemCallError, EEXIST when there is one */
export function addHostRoute(route: HostRoute): void {
  const flags = NLM_F_REQUEST | NLM_F_ACK | NLM_F_CREATE | NLM_F_EXCL;
  exchange('RTM_NEWROUTE', encodeRequest(RTM_NEWROUTE, flags, ...hostRoute(route)));
}

/** @throws SystemCallError, ESRCH when there is none */
export function deleteHostRoute(route: HostRoute): void {
  const flags = NLM_F_REQUEST | NLM_F_ACK;
  exchange('RTM_DELROUTE', encodeRequest(RTM_DELROUTE, flags, ...hostRoute(route)));
}

function hostRoute({ address, index }: HostRoute): [Uint8Array, Attribute[]] {
  const ipv6 = address.length === 16;
  const fixed = Uint8Array.of(
    ipv6 ? AF_INET6 : AF_INET,
    address.length * 8,
    ...[0, 0, RT_TABLE_MAIN, RTPROT_BOOT],
    // IPv6 knows no scopes of routes.
    ipv6 ? 0 : RT_SCOPE_LINK,
    RTN_UNICAST,
    ...[0, 0, 0, 0],
  );
  return [
    fixed,
    [
      { type: RTA_DST, value: address },
      { type: RTA_OIF, value: uint32(index) },
    ],
  ];
}

function linkIn(body: Uint8Array): KernelLink | null {
  const view = viewOf(body);
  for (const { type, value } of attributesIn(body, LINK_FIXED_SIZE)) {
    if (type !== IFLA_IFNAME) continue;
    const end = value.indexOf(0);
    const name = new TextDecoder().decode(end < 0 ? value : value.subarray(0, end));
    return { index: view.getInt32(4, true), flags: view.getUint32(8, true), name };
  }
  return null;
}

/** @param take gets the body of each message that is neither an error nor the end */
function exchange(
  call: string,
  request: Uint8Array,
  take: (body: Uint8Array) => void = () => undefined,
): void {
  netlinkExchange(request, (datagram) => {
    let over = false;
    for (const { type, body } of messagesIn(datagram)) {
      if (type === NLMSG_DONE) over = true;
      else if (type === NLMSG_ERROR) {
        const errno = -viewOf(body).getInt32(0, true);
        if (errno !== 0) throw new SystemCallError(call, errno);
        over = true;
      } else take(body);
    }
    return over;
  });
}
