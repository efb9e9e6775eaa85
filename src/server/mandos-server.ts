/** The server as one thing: what it is told in, clients checked and served until it is stopped. */
import { randomInt } from 'node:crypto';
import { type ClientsConf, clientsConfPath, readClientsConf } from '../config/clients-conf.ts';
import type { ConfigFiles } from '../config/config-files.ts';
import type { ServerSettings } from '../config/server-settings.ts';
import type { MandosError } from '../core/error.ts';
import type { Log } from '../core/log.ts';
import type { Clock } from '../core/time.ts';
import { systemBusAddress } from '../dbus/bus-address.ts';
import { parsePriority } from '../protocol/priority.ts';
import { openFileLimit } from '../system/open-file-limit.ts';
import { Subreaper } from '../system/subreaper.ts';
import { serverEngines, sha256, type TlsEngines } from '../system/tls.ts';
import { announce } from './announcing.ts';
import { ClientPaths } from './bus/client-paths.ts';
import { MandosBus } from './bus/mandos-bus.ts';
import { checkerEnvironment, checkerRunner } from './checker-process.ts';
import { ClientChecks } from './client-checks.ts';
import { clientNews, settingsText } from './client-news.ts';
import { Gate } from './gate.ts';
import { Listener } from './listener.ts';
import { LiveClients } from './live-clients.ts';
import { reportSections } from './report-sections.ts';
import { openServerSocket } from './server-socket.ts';
import { openState } from './server-state.ts';
import { SleepWatch } from './sleep-watch.ts';

/** Strangers at the same time, where the system allows as many descriptors (N1). */
const MAX_STRANGERS = 2048;

/** Descriptors kept for everything that is not a stranger. */
const OTHER_DESCRIPTORS = 256;

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
  readonly #context: MandosServerContext;
  readonly #engines: TlsEngines;
  readonly #conf: ClientsConf;
  readonly #descriptor: number;
  /** What was started, to be ended in the opposite order. */
  readonly #running = new AsyncDisposableStack();
  readonly #failing = Promise.withResolvers<MandosError>();
  #works: () => boolean = () => false;

  /** Throws `MandosError` when the server cannot start: the whole configuration or the socket. */
  constructor(context: MandosServerContext) {
    this.#context = context;
    const { settings, files, log } = context;
    const policy = parsePriority(settings.priority);
    this.#engines = serverEngines(policy.kind === 'default' ? {} : policy);
    this.#conf = readClientsConf(clientsConfPath(settings), files);
    reportSections(this.#conf, log);
    this.#descriptor = openServerSocket(settings, log);
  }

  /** Brings the clients to life, then begins to check and to serve; resolves with the port. */
  async start(): Promise<number> {
    const { settings, clock, log } = this.#context;
    this.#running.use(this.#engines);
    const state = this.#running.use(await openState(this.#conf, settings, clock, log));
    void state.failure.then((error) => this.#failing.resolve(error));
    const paths = new ClientPaths();
    const checks = this.#checks(() => clients, settings.useDbus ? paths : null);
    this.#running.defer(() => checks.close());
    const clients = this.#running.use(
      new LiveClients({
        saver: state.saver,
        checks,
        clock,
        wallClock: Date.now,
        bootId: state.bootId,
        sleep: new SleepWatch(),
        random,
        log,
      }),
    );
    clients.subscribe(clientNews(log));
    for (const start of state.clients) {
      clients.add(start);
      log.log('debug', settingsText(start.client));
    }
    this.#startBus(clients, paths);
    const listener = this.#listener(clients);
    const port = await listener.start(this.#descriptor);
    this.#running.defer(() => listener.close());
    this.#works = () => listener.listening;
    await this.#startAnnouncing(port);
    const where = listener.address === null ? '' : `, address ${listener.address}`;
    log.log('info', `now listening on port ${port}${where}, with ${clients.size} clients`);
    return port;
  }

  /** Whether it takes connections. */
  get works(): boolean {
    return this.#works();
  }

  /**
   * Resolves when it cannot keep what it must not forget any more (F1): it is to be disposed of
   * then, and a new one started.
   */
  get failure(): Promise<MandosError> {
    return this.#failing.promise;
  }

  #checks(clients: () => LiveClients, paths: ClientPaths | null): ClientChecks {
    const { settings, clock, log } = this.#context;
    const subreaper = this.#running.use(new Subreaper());
    return new ClientChecks({
      clock,
      log,
      run: checkerRunner({
        subreaper,
        clock,
        log,
        environment: checkerEnvironment(process.env),
        showOutput: settings.debug,
      }),
      find: (name) => clients().live(name),
      busPath: (name) => paths?.path(name) ?? null,
    });
  }

  #startBus(clients: LiveClients, paths: ClientPaths): void {
    const { settings, clock, log } = this.#context;
    if (!settings.useDbus) return;
    const address = systemBusAddress(process.env);
    const bus = this.#running.use(new MandosBus({ address, model: clients, paths, clock, log }));
    // Clients are served with a bus and without: it is tried again, and the operator is told.
    bus.ready.catch((error: unknown) => {
      const why = error instanceof Error ? error.message : String(error);
      log.log('error', `no D-Bus interface for now: ${why}`);
    });
  }

  #listener(clients: LiveClients): Listener {
    const { clock, log } = this.#context;
    return new Listener({
      secrets: new Gate({ clients, log }),
      clock,
      log,
      newEngine: this.#engines.newEngine,
      sha256,
      maxStrangers: Math.max(16, Math.min(MAX_STRANGERS, openFileLimit() - OTHER_DESCRIPTORS)),
    });
  }

  async #startAnnouncing(port: number): Promise<void> {
    const { settings, clock, log } = this.#context;
    if (!settings.zeroconf) return;
    const busAddress = systemBusAddress(process.env);
    this.#running.use(await announce(port, { settings, busAddress, clock, log }));
  }

  /** Stops serving, lets secrets on their way go out, ends all checks and wipes the rest. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#running[Symbol.asyncDispose]();
  }
}

/** 0 ≤ random < 1. */
function random(): number {
  return randomInt(2 ** 32) / 2 ** 32;
}
