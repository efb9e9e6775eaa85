import { connect, type Socket } from 'node:net';
import type { ByteStream } from '../core/byte-stream.ts';
import type { Cancellation } from '../core/cancellation.ts';
import { ExitStatus, MandosError } from '../core/error.ts';
import type { Log } from '../core/log.ts';
import type { TlsPolicy } from '../protocol/priority.ts';
import { bootClock } from '../system/boot-clock.ts';
import { readSecretFile } from '../system/private-file.ts';
import { SocketStream } from '../system/socket-stream.ts';
import { clientEngines, type TlsRestrictions } from '../system/tls.ts';
import { writeOutput } from '../system/write-all.ts';
import type { BrowserEffect } from '../zeroconf/browser.ts';
import { type BrowseOptions, browse } from '../zeroconf/browser-node.ts';
import { nodeHooks } from './hook-runner-node.ts';
import { NodeNetwork } from './network-node.ts';
import type { Platform, ServerBrowser } from './platform.ts';
import type { ServerAddress } from './server-address.ts';

/** A server that vanished while we wait for an approval is given up after about a minute. */
const KEEPALIVE = { initialDelay: 15_000, interval: 15_000, count: 3 } as const;

/** The network has no way there: not yet, or not without a route. */
const UNREACHABLE: readonly string[] = [
  ...['ENETUNREACH', 'EHOSTUNREACH', 'EADDRNOTAVAIL', 'ENETDOWN', 'ENODEV', 'ENXIO', 'EINVAL'],
];

/** Node's implementation of what the boot side needs of a machine. */
export function nodePlatform(log: Log, stop: Cancellation): Platform {
  return {
    clock: bootClock,
    log,
    stop,
    network: new NodeNetwork(),
    hooks: nodeHooks,
    browse: async (wanted, listener) =>
      await browseAll({ wanted, log, clock: bootClock }, listener),
    connect: connectTcp,
    tlsEngines: (key, name, policy) => clientEngines(key, name, restrictionsOf(policy)),
    readFile: async (path, limit) => readSecretFile(path, limit),
    writeOutput,
  };
}

async function browseAll(
  options: Omit<BrowseOptions, 'families'>,
  listener: (effect: BrowserEffect) => void,
): Promise<ServerBrowser> {
  try {
    return await browse({ ...options, families: ['ipv6', 'ipv4'] }, listener);
  } catch (cause) {
    if (!(cause instanceof MandosError)) throw cause;
    throw new MandosError(cause.code, `cannot search for servers: ${cause.message}`, {
      exitCode: ExitStatus.unavailable,
      hint: 'stop what else uses multicast DNS, or name servers with --server or --connect',
      cause,
    });
  }
}

function restrictionsOf(policy: TlsPolicy): TlsRestrictions {
  switch (policy.kind) {
    case 'default':
      return {};
    case 'restricted': {
      const { cipherSuites, groups, signatureAlgorithms } = policy;
      return { cipherSuites, groups, signatureAlgorithms };
    }
    default:
      return policy satisfies never;
  }
}

function connectTcp(server: ServerAddress, cancel: Cancellation): Promise<ByteStream> {
  const scope = server.interface === null ? '' : `%${server.interface}`;
  return new Promise((resolve, reject) => {
    if (cancel.aborted) {
      reject(cancel.reason);
      return;
    }
    const socket: Socket = connect({
      host: `${server.address}${scope}`,
      port: server.port,
      allowHalfOpen: true,
      noDelay: true,
    });
    const failed = (cause: Error): void => {
      cancel.removeEventListener('abort', cut);
      const reason = reasonOf(cause);
      const code = UNREACHABLE.includes(reason) ? 'unreachable' : 'network';
      reject(new MandosError(code, `cannot connect (${reason})`, { cause }));
    };
    const cut = (): void => {
      socket.off('error', failed);
      socket.on('error', () => undefined);
      socket.destroy();
      reject(cancel.reason);
    };
    cancel.addEventListener('abort', cut, { once: true });
    socket.once('error', failed);
    socket.once('connect', () => {
      socket.off('error', failed);
      cancel.removeEventListener('abort', cut);
      const { initialDelay, interval, count } = KEEPALIVE;
      socket.setKeepAlive(true, initialDelay, interval, count);
      resolve(new SocketStream(socket));
    });
  });
}

/** A system error's name such as `ECONNREFUSED`. */
function reasonOf(cause: unknown): string {
  if (cause instanceof Error && 'code' in cause) return String(cause.code);
  return cause instanceof Error ? cause.message : String(cause);
}
