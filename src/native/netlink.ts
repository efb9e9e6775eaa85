/** Talking to the kernel about the network: rtnetlink(7), without ip(8). Numbers are Linux's. */
import { dlopen, getInt32 } from 'node:ffi';
import { closeDescriptor, SystemCallError } from './libc.ts';

const { functions: libc } = dlopen(null, {
  __errno_location: { arguments: [], return: 'pointer' },
  socket: { arguments: ['int32', 'int32', 'int32'], return: 'int32' },
  bind: { arguments: ['int32', 'buffer', 'uint32'], return: 'int32' },
  fcntl: { arguments: ['int32', 'int32', 'int32'], return: 'int32' },
  setsockopt: { arguments: ['int32', 'int32', 'int32', 'buffer', 'uint32'], return: 'int32' },
  send: { arguments: ['int32', 'buffer', 'uint64', 'int32'], return: 'int64' },
  recv: { arguments: ['int32', 'buffer', 'uint64', 'int32'], return: 'int64' },
});

/** Turns the -1 of a failed call into an error; must follow the call at once. */
function check(call: string, result: number): number {
  if (result >= 0) return result;
  throw new SystemCallError(call, getInt32(libc.__errno_location()));
}

const AF_NETLINK = 16;
const SOCK_RAW = 3;
const SOCK_CLOEXEC = 0o2000000;
const NETLINK_ROUTE = 0;
const SOL_SOCKET = 1;
const SO_RCVTIMEO = 20;
const EINTR = 4;
const EAGAIN = 11;
const ENOBUFS = 105;

/** The kernel answers within the call; this is so that nothing can stop us for ever. */
const LONGEST_WAIT_SECONDS = 2n;
/** More than the kernel puts into one datagram (rtnetlink(7)). */
const BUFFER_SIZE = 65_536;

/**
 * Sends one request to NETLINK_ROUTE and hands each datagram of the answer to `take`, until
 * that returns true. A datagram is only valid during the call.
 * @throws SystemCallError
 */
export function netlinkExchange(
  request: Uint8Array,
  take: (datagram: Uint8Array) => boolean,
): void {
  const descriptor = check(
    'socket AF_NETLINK',
    libc.socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE),
  );
  try {
    const wait = BigInt64Array.of(LONGEST_WAIT_SECONDS, 0n);
    check(
      'setsockopt SO_RCVTIMEO',
      libc.setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, wait, wait.byteLength),
    );
    check('send', Number(libc.send(descriptor, request, BigInt(request.length), 0)));
    const buffer = new Uint8Array(BUFFER_SIZE);
    while (!take(buffer.subarray(0, receive(descriptor, buffer))));
  } finally {
    closeDescriptor(descriptor);
  }
}

function receive(descriptor: number, buffer: Uint8Array): number {
  for (;;) {
    try {
      return check('recv', Number(libc.recv(descriptor, buffer, BigInt(buffer.length), 0)));
    } catch (error) {
      if (!(error instanceof SystemCallError && error.errno === EINTR)) throw error;
    }
  }
}

const SOCK_NONBLOCK = 0o4000;
const O_ASYNC = 0o20000;
const F_SETFL = 4;
const F_SETOWN = 8;

/** Groups of rtnetlink(7) as bits. */
export const NewsGroup = { link: 0x1, ipv4Address: 0x10, ipv6Address: 0x100 } as const;

/**
 * A socket on which the kernel tells of changes, and sends this process a SIGIO for each
 * (fcntl(2)); whoever opens it catches that signal before, as it would end the process.
 * @param groups bits of `NewsGroup`
 * @throws SystemCallError
 */
export function openNetworkNews(groups: number): number {
  const kind = SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK;
  const descriptor = check('socket AF_NETLINK', libc.socket(AF_NETLINK, kind, NETLINK_ROUTE));
  try {
    // A family, and padding; a port that the kernel chooses; the groups (netlink(7)).
    const address = Uint32Array.of(AF_NETLINK, 0, groups);
    check('bind AF_NETLINK', libc.bind(descriptor, address, address.byteLength));
    check('fcntl F_SETOWN', libc.fcntl(descriptor, F_SETOWN, process.pid));
    check('fcntl F_SETFL', libc.fcntl(descriptor, F_SETFL, O_ASYNC | SOCK_NONBLOCK));
    return descriptor;
  } catch (error) {
    closeDescriptor(descriptor);
    throw error;
  }
}

/**
 * Takes what has been told since the last call; whether there was anything. What exactly is
 * not looked at: news may also have been lost.
 * @throws SystemCallError
 */
export function takeNetworkNews(descriptor: number): boolean {
  const buffer = new Uint8Array(BUFFER_SIZE);
  for (let any = false; ; any = true) {
    try {
      receive(descriptor, buffer);
    } catch (error) {
      if (!(error instanceof SystemCallError)) throw error;
      if (error.errno === EAGAIN) return any;
      if (error.errno !== ENOBUFS) throw error;
    }
  }
}
