import { MandosError } from '../core/error.ts';
import {
  type AddressFamily,
  bindTcp,
  bindToInterface,
  closeDescriptor,
  type Descriptor,
  describeSocket,
  interfaceIndex,
  type Keepalive,
  listenTcp,
  SystemCallError,
  tcpSocket,
  tuneTcp,
} from '../native/libc.ts';
import { errnoName } from './errno.ts';

const EAFNOSUPPORT = 97;

/** How soon a vanished peer is found (N4): after twenty seconds. */
const KEEPALIVE: Keepalive = { idle: 10, interval: 1, count: 10 };

export interface ListenOptions {
  readonly family: AddressFamily;
  /** A numeric address of that family, or null for all. */
  readonly address: string | null;
  /** 0: the system chooses one. */
  readonly port: number;
  /** Listen on this network interface only (SO_BINDTODEVICE), or null. */
  readonly interface: string | null;
  /** How many finished TCP connections may wait to be accepted. */
  readonly backlog: number;
  /** Told what could not be done and was left out. */
  readonly warn: (message: string) => void;
}

/**
 * A listening TCP socket, to be handed to `net.Server.listen({ fd })`. What it accepts sends
 * without delay and is kept alive: set once here, not by five system calls a connection. An interface that
 * cannot be bound to is told and not fatal (mandos(8), `--interface`).
 * @throws MandosError `network` when the address or the port cannot be had
 */
export function listeningSocket(options: ListenOptions): Descriptor {
  const { address, port } = options;
  const where = `${address ?? (options.family === 'ipv6' ? '::' : '0.0.0.0')} port ${port}`;
  let descriptor: Descriptor;
  try {
    descriptor = tcpSocket(options.family);
  } catch (cause) {
    if (cause instanceof SystemCallError && cause.errno === EAFNOSUPPORT) {
      throw new MandosError('network', 'this system has no IPv6', {
        hint: 'use --no-ipv6, or use_ipv6 = False in mandos.conf',
        cause,
      });
    }
    throw failure('cannot make a socket', cause);
  }
  try {
    if (options.interface !== null) bindInterface(descriptor, options.interface, options.warn);
    const scope =
      options.interface !== null && address !== null && isLinkLocal(address)
        ? interfaceIndex(options.interface)
        : 0;
    bindTcp(descriptor, options.family, address, port, scope);
    tuneTcp(descriptor, KEEPALIVE);
    listenTcp(descriptor, options.backlog);
    return descriptor;
  } catch (cause) {
    closeDescriptor(descriptor);
    if (cause instanceof MandosError) throw cause;
    throw failure(`cannot listen on ${where}`, cause);
  }
}

/**
 * Checks a descriptor that was handed to the program (`--socket`): it must be a TCP
 * socket; it is made to listen if it does not yet, and is otherwise as one of ours.
 */
export function adoptSocket(descriptor: Descriptor, backlog: number): void {
  try {
    const { tcp, listening } = describeSocket(descriptor);
    if (!tcp) throw new MandosError('config-value', `socket ${descriptor} is not a TCP socket`);
    tuneTcp(descriptor, KEEPALIVE);
    if (!listening) listenTcp(descriptor, backlog);
  } catch (cause) {
    if (cause instanceof MandosError) throw cause;
    throw failure(`file descriptor ${descriptor} cannot be used as a socket`, cause);
  }
}

function bindInterface(
  descriptor: Descriptor,
  name: string,
  warn: (message: string) => void,
): void {
  try {
    bindToInterface(descriptor, name);
  } catch (error) {
    const why = error instanceof SystemCallError ? errnoName(error.errno) : String(error);
    warn(`cannot bind to interface ${name} (${why}); listening on all interfaces`);
  }
}

function isLinkLocal(address: string): boolean {
  return /^fe[89ab][0-9a-f]:/i.test(address);
}

function failure(what: string, cause: unknown): MandosError {
  const why =
    cause instanceof SystemCallError
      ? errnoName(cause.errno)
      : cause instanceof Error
        ? cause.message
        : String(cause);
  return new MandosError('network', `${what} (${why})`, { cause });
}
