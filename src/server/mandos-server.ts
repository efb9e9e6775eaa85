/** The server as one thing: what it is told in, clients checked and served until it is stopped. */
import { randomInt } from 'node:crypto';
import process from 'node:process';
import { readClientsConf } from '../config/clients-conf.ts';
import type { ConfigFiles } from '../config/config-files.ts';
import type { ServerSettings } from '../config/server-settings.ts';
import type { Log } from '../core/log.ts';
import type { Clock } from '../core/time.ts';
import { parsePriority } from '../protocol/priority.ts';
import { bootId } from '../system/boot-id.ts';
import { adoptSocket, listeningSocket } from '../system/listening-socket.ts';
import { openFileLimit } from '../system/open-file-limit.ts';
import { Subreaper } from '../system/subreaper.ts';
import { serverEngines, sha256, type TlsEngines } from '../system/tls.ts';
import { checkerEnvironment, checkerRunner } from './checker-process.ts';
import { ClientChecks } from './client-checks.ts';
import { clientNews } from './client-news.ts';
import { noStore } from './client-saver.ts';
import { startClients } from './clients.ts';
import { Gate } from './gate.ts';
import { Listener } from './listener.ts';
import { LiveClients } from './live-clients.ts';
import { SleepWatch } from './sleep-watch.ts';

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
  readonly #engines: TlsEngines;
  readonly #descriptor: number;
  readonly #clients: LiveClients;
  readonly #checks: ClientChecks;
  readonly #subreaper: Subreaper;
  readonly #listener: Listener;
  readonly #admit: () => void;

  /** Throws `MandosError` when the server cannot start: the whole configuration or the socket. */
  constructor({ settings, files, clock, log }: MandosServerContext) {
    this.#log = log;
    const policy = parsePriority(settings.priority);
    this.#engines = serverEngines(policy.kind === 'default' ? {} : policy);
    const conf = readClientsConf(`${settings.configDirectory}/clients.conf`, files);
    this.#descriptor = openSocket(settings, log);
    this.#subreaper = new Subreaper();
    this.#checks = new ClientChecks({
      clock,
      log,
      run: checkerRunner({
        subreaper: this.#subreaper,
        clock,
        log,
        environment: checkerEnvironment(process.env),
        showOutput: settings.debug,
      }),
      find: (name) => this.#clients.live(name),
      busPath: () => null,
    });
    this.#clients = new LiveClients({
      saver: noStore,
      checks: this.#checks,
      clock,
      wallClock: Date.now,
      bootId: bootId(),
      sleep: new SleepWatch(),
      random,
      log,
    });
    this.#clients.subscribe(clientNews(log));
    this.#admit = () => {
      const lastSign = { bootId: '', boot: 0, wall: 0 };
      const context = () => ({
        now: this.#clients.now(),
        bootId: bootId(),
        lastSign,
        random: random(),
      });
      startClients(conf, this.#clients, context, log);
    };
    this.#listener = new Listener({
      secrets: new Gate({ clients: this.#clients, log }),
      clock,
      log,
      newEngine: this.#engines.newEngine,
      sha256,
      maxStrangers: Math.max(16, Math.min(MAX_STRANGERS, openFileLimit() - OTHER_DESCRIPTORS)),
    });
  }

  /** Begins to check and to serve; resolves with the port. */
  async start(): Promise<number> {
    this.#admit();
    const port = await this.#listener.start(this.#descriptor);
    this.#log.log('info', `now listening on port ${port}, with ${this.#clients.size} clients`);
    return port;
  }

  /** Stops serving, lets secrets on their way go out, ends all checks and wipes the rest. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#listener.close();
    await this.#checks.close();
    this.#clients[Symbol.dispose]();
    this.#subreaper[Symbol.dispose]();
    this.#engines[Symbol.dispose]();
  }
}

/** 0 ≤ random < 1. */
function random(): number {
  return randomInt(2 ** 32) / 2 ** 32;
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
