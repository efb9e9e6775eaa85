/** The server as one thing: what it is told in, connections served until it is stopped. */
import { readClientsConf } from '../config/clients-conf.ts';
import type { ConfigFiles } from '../config/config-files.ts';
import type { ServerSettings } from '../config/server-settings.ts';
import type { Log } from '../core/log.ts';
import type { Clock } from '../core/time.ts';
import { parsePriority } from '../protocol/priority.ts';
import { adoptSocket, listeningSocket } from '../system/listening-socket.ts';
import { openFileLimit } from '../system/open-file-limit.ts';
import { serverEngines, sha256, type TlsEngines } from '../system/tls.ts';
import { registerClients } from './clients.ts';
import { Gate } from './gate.ts';
import { Listener } from './listener.ts';
import type { Registry } from './registry.ts';

/** How many connections may wait to be accepted; the system has a limit of its own. */
const BACKLOG = 4096;

/** Strangers at the same time, where the system allows as many descriptors (N1). */
const MAX_STRANGERS = 2048;

/** Descriptors kept for everything that is not a stranger. */
const OTHER_DESCRIPTORS = 128;

export interface MandosServerContext {
  readonly settings: ServerSettings;
  readonly files: ConfigFiles;
  readonly clock: Clock;
  readonly log: Log;
}

/**
 * Its construction needs the privileges of the start: it reads the configuration and binds
 * the socket. Nothing is read from the network before `start` (L4).
 */
export class MandosServer implements AsyncDisposable {
  readonly #log: Log;
  readonly #registry: Registry;
  readonly #engines: TlsEngines;
  readonly #descriptor: number;
  readonly #listener: Listener;

  /** Throws `MandosError` when the server cannot start: the whole configuration or the socket. */
  constructor({ settings, files, clock, log }: MandosServerContext) {
    this.#log = log;
    const policy = parsePriority(settings.priority);
    this.#engines = serverEngines(policy.kind === 'default' ? {} : policy);
    const conf = readClientsConf(`${settings.configDirectory}/clients.conf`, files);
    this.#registry = registerClients(conf, log);
    this.#descriptor = openSocket(settings, log);
    this.#listener = new Listener({
      secrets: new Gate({ registry: this.#registry, clock, log }),
      clock,
      log,
      newEngine: this.#engines.newEngine,
      sha256,
      maxStrangers: Math.max(16, Math.min(MAX_STRANGERS, openFileLimit() - OTHER_DESCRIPTORS)),
    });
  }

  /** Begins to serve; resolves with the port. */
  async start(): Promise<number> {
    const port = await this.#listener.start(this.#descriptor);
    this.#log.log('info', `now listening on port ${port}, with ${this.#registry.size} clients`);
    return port;
  }

  /** Stops serving, lets secrets on their way go out, and wipes the rest. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#listener.close();
    this.#engines[Symbol.dispose]();
    this.#registry[Symbol.dispose]();
  }
}

function openSocket(settings: ServerSettings, log: Log): number {
  const { socket, useIpv6, address, port } = settings;
  if (socket !== null) {
    adoptSocket(socket, BACKLOG);
    return socket;
  }
  return listeningSocket({
    family: useIpv6 ? 'ipv6' : 'ipv4',
    address,
    port,
    interface: settings.interface,
    backlog: BACKLOG,
    warn: (message) => log.log('error', message),
  });
}
