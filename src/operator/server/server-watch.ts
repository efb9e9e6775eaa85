/** Keeps watching the server through its restarts and those of the message bus. */
import { MandosError } from '../../core/error.ts';
import type { Log } from '../../core/log.ts';
import type { Clock } from '../../core/time.ts';
import { busFailure } from '../../dbus/bus-failure.ts';
import { BusLink, type BusUser } from '../../dbus/bus-link.ts';
import { DBusError } from '../../dbus/dbus-error.ts';
import { SERVICE_NAME } from '../../dbus/mandos-interfaces.ts';
import type { MessageBus } from '../../dbus/message-bus.ts';
import { isNobodyThere, MandosService, noServer } from './mandos-service.ts';
import { HEARD_SIGNALS, type ServerEvent, type ServerSignal } from './server-event.ts';

const BUS = 'org.freedesktop.DBus';

export interface ServerWatchContext {
  /** Of the message bus (`systemBusAddress`). */
  readonly address: string;
  readonly clock: Clock;
  readonly log: Log;
  /**
   * Told everything, in order, beginning with `server-found` or `server-lost`. It must not
   * throw.
   */
  readonly tell: (event: ServerEvent) => void;
}

/**
 * Tells what the server tells, from the beginning to the disposal. After `server-found`, until
 * the next `server-lost`, the list of clients with all changes applied is what the server has.
 */
export class ServerWatch implements BusUser, AsyncDisposable {
  readonly #tell: (event: ServerEvent) => void;
  readonly #link: BusLink;
  #service: MandosService | null = null;
  /** Null before anything was told. */
  #found: boolean | null = null;
  /** What the server tells while its list is on its way; told after it. */
  #held: ServerSignal[] | null = null;
  /** The paths of the clients that were told of. */
  #known = new Set<string>();
  /** Which of the lists that were asked for counts: that of the latest owner of the name. */
  #lists = 0;
  #closing = false;

  constructor({ address, clock, log, tell }: ServerWatchContext) {
    this.#tell = tell;
    this.#link = new BusLink({ address, clock, log, user: this });
    this.#link.firstTry.catch((error: unknown) => this.#lose(asMandosError(error)));
  }

  /** For calls to the server; null while there is no server. */
  get service(): MandosService | null {
    return this.#found === true ? this.#service : null;
  }

  async use(bus: MessageBus): Promise<void> {
    const service = new MandosService(bus);
    this.#service = service;
    for (const heard of HEARD_SIGNALS) {
      const match = { sender: SERVICE_NAME, interface: heard.interface, member: heard.member };
      await bus.watch(match, (body, path) => {
        const signal = heard.read(body, path);
        if (signal !== null) this.#hear(signal);
      });
    }
    const owners = { sender: BUS, interface: BUS, member: 'NameOwnerChanged', arg0: SERVICE_NAME };
    await bus.watch(owners, ([, before, owner]) => {
      if (before !== '') this.#lose(noServer());
      // When the list cannot be had, a new connection is a new try.
      if (owner !== '') this.#list(service).catch(() => bus.close());
    });
    if (await hasServer(bus)) await this.#list(service);
    else this.#lose(noServer());
  }

  lost(): void {
    this.#service = null;
    this.#lose(new MandosError('network', 'the message bus is gone'));
  }

  async #list(service: MandosService): Promise<void> {
    this.#lists++;
    const list = this.#lists;
    this.#held = [];
    try {
      const clients = await service.clients();
      if (list !== this.#lists || this.#closing) return;
      const held = this.#held;
      this.#held = null;
      this.#found = true;
      this.#tell({ kind: 'server-found', clients });
      this.#known = new Set(clients.map(({ path }) => path));
      // What had happened when the list was made does no harm when it is applied again.
      for (const signal of held) this.#pass(signal);
    } catch (error) {
      if (list !== this.#lists) return;
      const why = asMandosError(error);
      this.#lose(why);
      // Gone between our question and its answer: the bus tells when there is another one.
      if (why.code !== 'unreachable') throw why;
    }
  }

  #hear(signal: ServerSignal): void {
    if (this.#closing) return;
    if (this.#held !== null) this.#held.push(signal);
    else if (this.#found === true) this.#pass(signal);
  }

  /** A server that starts announces its clients as new; those of the list are so no more. */
  #pass(signal: ServerSignal): void {
    if (signal.kind === 'client-added') {
      if (this.#known.has(signal.client.path)) return;
      this.#known.add(signal.client.path);
    }
    if (signal.kind === 'client-removed') this.#known.delete(signal.path);
    this.#tell(signal);
  }

  #lose(why: MandosError): void {
    this.#lists++;
    this.#held = null;
    if (this.#found === false || this.#closing) return;
    this.#found = false;
    this.#tell({ kind: 'server-lost', why });
  }

  /** Tells nothing more. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#closing = true;
    await this.#link[Symbol.asyncDispose]();
  }
}

async function hasServer(bus: MessageBus): Promise<boolean> {
  try {
    await bus.call({
      destination: BUS,
      path: '/org/freedesktop/DBus',
      interface: BUS,
      member: 'GetNameOwner',
      signature: 's',
      body: [SERVICE_NAME],
    });
    return true;
  } catch (error) {
    if (error instanceof DBusError && isNobodyThere(error)) return false;
    throw error;
  }
}

function asMandosError(error: unknown): MandosError {
  if (error instanceof MandosError) return error;
  return busFailure('cannot use the message bus', error);
}
