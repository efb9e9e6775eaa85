/** The C library functions that Node has no door to. Numbers are Linux's. */
import { dlopen, getInt32 } from 'node:ffi';

const { functions: libc } = dlopen(null, {
  __errno_location: { arguments: [], return: 'pointer' },
  clock_gettime: { arguments: ['int32', 'buffer'], return: 'int32' },
  socket: { arguments: ['int32', 'int32', 'int32'], return: 'int32' },
  setsockopt: { arguments: ['int32', 'int32', 'int32', 'buffer', 'uint32'], return: 'int32' },
  getsockopt: { arguments: ['int32', 'int32', 'int32', 'buffer', 'buffer'], return: 'int32' },
  bind: { arguments: ['int32', 'buffer', 'uint32'], return: 'int32' },
  listen: { arguments: ['int32', 'int32'], return: 'int32' },
  connect: { arguments: ['int32', 'buffer', 'uint32'], return: 'int32' },
  send: { arguments: ['int32', 'buffer', 'uint64', 'int32'], return: 'int64' },
  close: { arguments: ['int32'], return: 'int32' },
  inet_pton: { arguments: ['int32', 'string', 'buffer'], return: 'int32' },
  if_nametoindex: { arguments: ['string'], return: 'uint32' },
  prctl: { arguments: ['int32', 'uint64', 'uint64', 'uint64', 'uint64'], return: 'int32' },
  setrlimit: { arguments: ['int32', 'buffer'], return: 'int32' },
});

/** A system call failed. `errno` is the number of <errno.h>. */
export class SystemCallError extends Error {
  override readonly name = 'SystemCallError';
  readonly call: string;
  readonly errno: number;

  constructor(call: string, errno: number) {
    super(`${call} failed with errno ${errno}`);
    this.call = call;
    this.errno = errno;
  }
}

/** Turns the -1 of a failed call into an error; must follow the call at once. */
function check(call: string, result: number): number {
  if (result >= 0) return result;
  throw new SystemCallError(call, getInt32(libc.__errno_location()));
}

const CLOCK_BOOTTIME = 7;
const timespec = new BigInt64Array(2);

/** Milliseconds since boot, sleep included (CLOCK_BOOTTIME, clock_gettime(2)). */
export function bootTime(): number {
  check('clock_gettime', libc.clock_gettime(CLOCK_BOOTTIME, timespec));
  const [seconds = 0n, nanoseconds = 0n] = timespec;
  return Number(seconds) * 1000 + Number(nanoseconds) / 1e6;
}

const SOCK_STREAM = 1;
const SOCK_DGRAM = 2;
const SOCK_NONBLOCK = 0o4000;
const SOCK_CLOEXEC = 0o2000000;
const AF_UNIX = 1;
const AF_INET = 2;
const AF_INET6 = 10;
const SOL_SOCKET = 1;
const SO_REUSEADDR = 2;
const SO_TYPE = 3;
const SO_KEEPALIVE = 9;
const SO_BINDTODEVICE = 25;
const SO_ACCEPTCONN = 30;
const SO_DOMAIN = 39;
const IPPROTO_TCP = 6;
const TCP_NODELAY = 1;
const TCP_KEEPIDLE = 4;
const TCP_KEEPINTVL = 5;
const TCP_KEEPCNT = 6;
const IPPROTO_IPV6 = 41;
const IPV6_V6ONLY = 26;
const MSG_DONTWAIT = 0x40;
const MSG_NOSIGNAL = 0x4000;

export type AddressFamily = 'ipv4' | 'ipv6';

/** A socket's descriptor. Whoever holds it closes it or hands it to Node's `net`. */
export type Descriptor = number;

/** A new TCP socket, non-blocking and closed on exec. An IPv6 one takes IPv4 peers too. */
export function tcpSocket(family: AddressFamily): Descriptor {
  const domain = family === 'ipv6' ? AF_INET6 : AF_INET;
  const descriptor = check(
    'socket',
    libc.socket(domain, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0),
  );
  try {
    setOption(descriptor, SOL_SOCKET, SO_REUSEADDR, 1);
    if (family === 'ipv6') setOption(descriptor, IPPROTO_IPV6, IPV6_V6ONLY, 0);
    return descriptor;
  } catch (error) {
    closeDescriptor(descriptor);
    throw error;
  }
}

function setOption(descriptor: Descriptor, level: number, name: number, value: number): void {
  const bytes = Int32Array.of(value);
  check('setsockopt', libc.setsockopt(descriptor, level, name, bytes, bytes.byteLength));
}

/** When a peer that says nothing is asked whether it is still there (tcp(7)). */
export interface Keepalive {
  /** Seconds of silence before the first question. */
  readonly idle: number;
  /** Seconds between questions. */
  readonly interval: number;
  /** So many without an answer end the connection. */
  readonly count: number;
}

/**
 * Sends at once what is written and looks after vanished peers. Linux hands both down from a
 * listening socket to all that it accepts.
 */
export function tuneTcp(descriptor: Descriptor, { idle, interval, count }: Keepalive): void {
  setOption(descriptor, IPPROTO_TCP, TCP_NODELAY, 1);
  setOption(descriptor, SOL_SOCKET, SO_KEEPALIVE, 1);
  setOption(descriptor, IPPROTO_TCP, TCP_KEEPIDLE, idle);
  setOption(descriptor, IPPROTO_TCP, TCP_KEEPINTVL, interval);
  setOption(descriptor, IPPROTO_TCP, TCP_KEEPCNT, count);
}

/** Restricts a socket to one network interface (SO_BINDTODEVICE, socket(7)). */
export function bindToInterface(descriptor: Descriptor, name: string): void {
  const bytes = cBytes(name);
  check(
    'setsockopt SO_BINDTODEVICE',
    libc.setsockopt(descriptor, SOL_SOCKET, SO_BINDTODEVICE, bytes, bytes.length),
  );
}

/**
 * Binds a TCP socket.
 * @param address a numeric address without scope, or null for all
 * @param scope the interface index for a link-local address, or 0
 * @throws SystemCallError; RangeError when the address is not one of the family
 */
export function bindTcp(
  descriptor: Descriptor,
  family: AddressFamily,
  address: string | null,
  port: number,
  scope: number,
): void {
  const bytes = new Uint8Array(family === 'ipv6' ? 28 : 16); // sockaddr_in6, sockaddr_in
  const view = new DataView(bytes.buffer);
  new Uint16Array(bytes.buffer, 0, 1)[0] = family === 'ipv6' ? AF_INET6 : AF_INET;
  view.setUint16(2, port);
  if (address !== null) {
    const part = family === 'ipv6' ? bytes.subarray(8, 24) : bytes.subarray(4, 8);
    if (libc.inet_pton(family === 'ipv6' ? AF_INET6 : AF_INET, address, part) !== 1) {
      throw new RangeError(`not an ${family === 'ipv6' ? 'IPv6' : 'IPv4'} address: ${address}`);
    }
  }
  if (family === 'ipv6') new Uint32Array(bytes.buffer, 24, 1)[0] = scope;
  check('bind', libc.bind(descriptor, bytes, bytes.length));
}

export function listenTcp(descriptor: Descriptor, backlog: number): void {
  check('listen', libc.listen(descriptor, backlog));
}

/** Whether the descriptor is a TCP socket, and whether it listens (`--socket FD`). */
export function describeSocket(descriptor: Descriptor): { tcp: boolean; listening: boolean } {
  const internet = [AF_INET, AF_INET6].includes(socketOption(descriptor, SO_DOMAIN));
  return {
    tcp: internet && socketOption(descriptor, SO_TYPE) === SOCK_STREAM,
    listening: socketOption(descriptor, SO_ACCEPTCONN) === 1,
  };
}

function socketOption(descriptor: Descriptor, name: number): number {
  const value = new Int32Array(1);
  const length = Uint32Array.of(value.byteLength);
  check('getsockopt', libc.getsockopt(descriptor, SOL_SOCKET, name, value, length));
  return value[0] ?? 0;
}

/** The index of a network interface, or 0 when there is none of that name. */
export function interfaceIndex(name: string): number {
  return libc.if_nametoindex(name);
}

/** A datagram socket connected to a local path, such as /dev/log, or to `@` and an abstract name. */
export function unixDatagramSocket(path: string): Descriptor {
  const descriptor = check('socket', libc.socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  try {
    const name = socketName(path);
    if (name.length > 108) throw new RangeError(`path too long for a socket: ${path}`);
    const address = new Uint8Array(2 + name.length); // sockaddr_un
    new Uint16Array(address.buffer, 0, 1)[0] = AF_UNIX;
    address.set(name, 2);
    check('connect', libc.connect(descriptor, address, address.length));
    return descriptor;
  } catch (error) {
    closeDescriptor(descriptor);
    throw error;
  }
}

/** unix(7): an abstract name begins with NUL, and its length is what ends it. */
function socketName(path: string): Uint8Array {
  const name = cBytes(path);
  if (!path.startsWith('@')) return name;
  name[0] = 0;
  return name.subarray(0, -1);
}

/** Sends one datagram and never waits. */
export function sendDatagram(descriptor: Descriptor, bytes: Uint8Array): void {
  const length = BigInt(bytes.length);
  check('send', Number(libc.send(descriptor, bytes, length, MSG_DONTWAIT | MSG_NOSIGNAL)));
}

export function closeDescriptor(descriptor: Descriptor): void {
  check('close', libc.close(descriptor));
}

const PR_SET_DUMPABLE = 4;
const RLIMIT_CORE = 4;

/** Leaves no core file and lets no other process of the same user read our memory (L5). */
export function forbidDumps(): void {
  check('setrlimit', libc.setrlimit(RLIMIT_CORE, BigUint64Array.of(0n, 0n)));
  check('prctl', libc.prctl(PR_SET_DUMPABLE, 0n, 0n, 0n, 0n));
}

function cBytes(text: string): Uint8Array {
  if (text.includes('\0')) throw new RangeError('a name with a NUL character');
  return new TextEncoder().encode(`${text}\0`);
}
