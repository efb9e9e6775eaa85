import { MandosError } from '../core/error.ts';
import type { Log } from '../core/log.ts';
import { after, type Clock, seconds } from '../core/time.ts';
import {
  ANY_INTERFACE,
  AVAHI,
  AVAHI_ENTRY_GROUP,
  AVAHI_SERVER,
  AvahiServer,
  GroupState,
  isCollision,
  Protocol,
  ServerState,
} from './avahi-server.ts';
import type { BusUser } from './bus-link.ts';
import { DBusError } from './dbus-error.ts';
import type { MessageBus } from './message-bus.ts';

const TYPE = '_mandos._tcp';

/** After Avahi could not take our service. */
const PAUSE = seconds(10);

/** A network on which so many names in a row are taken is not worth more. */
const MOST_NAMES = 100;

const BUS = 'org.freedesktop.DBus';

/** What to announce; the shape of zeroconf's announcer, a room that this one cannot import. */
export interface AvahiService {
  /** What people see, at most 63 bytes of UTF-8. */
  readonly name: string;
  readonly port: number;
  /** The only interface to announce on, or null for all. */
  readonly interface: string | null;
  readonly families: readonly ('ipv4' | 'ipv6')[];
}

export interface RegistrationListener {
  /** The name was taken; the service has this one from now on. */
  renamed(name: string): void;
  /** The service can be found on the interface. */
  announced(interfaceName: string): void;
}

export interface RegistrationContext {
  readonly clock: Clock;
  readonly log: Log;
  readonly patience?: 'now' | 'as long as it takes';
}

/**
 * What we have at Avahi. `away`: it does not run, or is busy with its own host name.
 *
 *     away ── running ──▶ group ── established, collision: renamed ──▶ group
 *      ▲                    │
 *      └── Avahi or the bus gone, its host name changes, failure ──────┘
 */
type State =
  | { readonly kind: 'away' }
  | { readonly kind: 'group'; readonly avahi: AvahiServer; readonly path: string };

/** Keeps one service registered with Avahi, through restarts of Avahi and of the bus. */
export class AvahiRegistration implements BusUser {
  readonly #service: AvahiService;
  readonly #listener: RegistrationListener;
  readonly #clock: Clock;
  readonly #log: Log;
  #name: string;
  #state: State = { kind: 'away' };
  /** Whether Avahi is waited for when it does not run; so it is once it was seen. */
  #patient: boolean;
  #stopped = false;
  #cancelRetry: () => void = () => undefined;
  /** What was asked of Avahi one after the other, so that answers cannot overtake. */
  #work: Promise<void> = Promise.resolve();

  constructor(
    service: AvahiService,
    listener: RegistrationListener,
    { clock, log, patience = 'now' }: RegistrationContext,
  ) {
    this.#patient = patience === 'as long as it takes';
    this.#service = service;
    this.#listener = listener;
    this.#clock = clock;
    this.#log = log;
    this.#name = service.name;
  }

  get name(): string {
    return this.#name;
  }

  async use(bus: MessageBus): Promise<void> {
    const avahi = new AvahiServer(bus);
    const owner = { sender: BUS, interface: BUS, member: 'NameOwnerChanged', arg0: AVAHI };
    await bus.watch(owner, ([, , newOwner]) =>
      this.#do(async () => {
        this.#state = { kind: 'away' };
        if (newOwner !== '') await this.#follow(avahi, await avahi.state());
      }),
    );
    const state = { sender: AVAHI, interface: AVAHI_SERVER, member: 'StateChanged', path: '/' };
    await bus.watch(state, ([value]) => this.#do(() => this.#follow(avahi, value)));
    const group = { sender: AVAHI, interface: AVAHI_ENTRY_GROUP, member: 'StateChanged' };
    await bus.watch(group, ([value, error], path) =>
      this.#do(() => this.#groupChanged(path, value, error)),
    );
    const running = await isRunning(bus);
    // Somebody who never saw it had better announce in another way.
    if (!running && !this.#patient) {
      throw new MandosError('network', 'avahi-daemon is not running', {
        hint: 'install and start avahi-daemon, or let the server announce itself',
      });
    }
    this.#patient = true;
    // Its StateChanged may come as well: following twice does no harm.
    if (running) this.#do(async () => this.#follow(avahi, await avahi.state()));
  }

  lost(): void {
    this.#cancelRetry();
    this.#state = { kind: 'away' };
  }

  /** Nothing happens any more. Avahi says goodbye for us when our connection to the bus ends. */
  stop(): void {
    this.#stopped = true;
    this.#cancelRetry();
  }

  /** Resolves when nothing is being asked of Avahi; the connection has to be closed before. */
  async ended(): Promise<void> {
    await this.#work;
  }

  #do(work: () => Promise<void>): void {
    if (this.#stopped) return;
    this.#work = this.#work.then(work).catch((error: unknown) => this.#failed(error));
  }

  #failed(error: unknown): void {
    this.#state = { kind: 'away' };
    if (this.#stopped) return;
    const why = error instanceof Error ? error.message : String(error);
    this.#log.log('warning', `Avahi cannot announce the service: ${why}`);
  }

  async #follow(avahi: AvahiServer, state: unknown): Promise<void> {
    switch (state) {
      case ServerState.running:
        if (this.#state.kind === 'away') await this.#register(avahi);
        return;
      case ServerState.registering:
      case ServerState.collision:
        // Its host name changes: what points to the old one has to go until it runs again.
        await this.#unregister();
        return;
      case ServerState.failure:
        this.#log.log('error', 'avahi-daemon has failed');
        this.#state = { kind: 'away' };
    }
  }

  async #register(avahi: AvahiServer): Promise<void> {
    const path = await avahi.newGroup();
    this.#state = { kind: 'group', avahi, path };
    await this.#orLater(avahi, path, () => this.#fill(avahi, path));
  }

  async #orLater(avahi: AvahiServer, path: string, work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      this.#failed(error);
      this.#tryAgainLater(avahi);
      // Avahi keeps only so many groups for one program.
      await avahi.free(path);
    }
  }

  async #fill(avahi: AvahiServer, path: string): Promise<void> {
    const { interface: only, families, port } = this.#service;
    const index = only === null ? ANY_INTERFACE : await avahi.interfaceIndex(only);
    const [family, other] = families;
    const protocol = family === undefined || other !== undefined ? Protocol.any : Protocol[family];
    for (let names = 1; ; names++) {
      const entry = { interface: index, protocol, name: this.#name, type: TYPE, port };
      try {
        await avahi.addService(path, entry);
        return await avahi.commit(path);
      } catch (error) {
        if (!(error instanceof DBusError && isCollision(error)) || names > MOST_NAMES) throw error;
      }
      await this.#rename(avahi, path);
    }
  }

  async #rename(avahi: AvahiServer, path: string): Promise<void> {
    this.#name = await avahi.alternativeName(this.#name);
    this.#listener.renamed(this.#name);
    await avahi.reset(path);
  }

  async #groupChanged(path: string, state: unknown, error: unknown): Promise<void> {
    const current = this.#state;
    if (current.kind === 'away' || current.path !== path) return;
    switch (state) {
      case GroupState.established:
        this.#listener.announced(this.#service.interface ?? 'all interfaces');
        return;
      case GroupState.collision:
        await this.#orLater(current.avahi, path, async () => {
          await this.#rename(current.avahi, path);
          await this.#fill(current.avahi, path);
        });
        return;
      case GroupState.failure:
        await this.#orLater(current.avahi, path, () => Promise.reject(new Error(String(error))));
    }
  }

  async #unregister(): Promise<void> {
    if (this.#state.kind === 'away') return;
    const { avahi, path } = this.#state;
    this.#state = { kind: 'away' };
    await avahi.free(path);
  }

  #tryAgainLater(avahi: AvahiServer): void {
    this.#cancelRetry();
    this.#cancelRetry = this.#clock.at(after(this.#clock.now(), PAUSE), () =>
      this.#do(async () => this.#follow(avahi, await avahi.state())),
    );
  }
}

/** Asks the bus, and does not start it: what is not wanted here stays off. */
async function isRunning(bus: MessageBus): Promise<boolean> {
  const [running] = await bus.call({
    destination: BUS,
    path: '/org/freedesktop/DBus',
    interface: BUS,
    member: 'NameHasOwner',
    signature: 's',
    body: [AVAHI],
  });
  return running === true;
}
