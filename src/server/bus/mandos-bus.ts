import { setImmediate } from 'node:timers/promises';
import { MandosError } from '../../core/error.ts';
import type { Log } from '../../core/log.ts';
import type { Clock } from '../../core/time.ts';
import { BusLink, type BusUser } from '../../dbus/bus-link.ts';
import { machineId } from '../../dbus/machine-id.ts';
import { LEGACY_SERVICE_NAME, SERVICE_NAME } from '../../dbus/mandos-interfaces.ts';
import type { MessageBus, OutgoingSignal } from '../../dbus/message-bus.ts';
import { serveObjects } from '../../dbus/server.ts';
import type { ClientPaths } from './client-paths.ts';
import { MandosTree } from './mandos-tree.ts';
import type { BusModel } from './model.ts';
import {
  clientAdded,
  clientNotFound,
  clientRemoved,
  clientSignalled,
  propertyChanged,
} from './signals.ts';

/** So many clients are told of before anything else gets its turn. */
const CLIENTS_PER_TURN = 100;

/** So much may wait for the bus before more clients are told of. */
const ENOUGH_WAITING_BYTES = 4 * 1024 * 1024;

export interface MandosBusContext {
  readonly address: string;
  readonly model: BusModel;
  readonly paths: ClientPaths;
  readonly clock: Clock;
  readonly log: Log;
}

/**
 * The service `se.recompile.Mandos`, from its construction until it is disposed of; it
 * outlives restarts of the bus. While there is no bus, nobody is told anything and nothing
 * waits.
 */
export class MandosBus implements AsyncDisposable {
  readonly #context: MandosBusContext;
  readonly #paths: ClientPaths;
  readonly #link: BusLink;
  readonly #unsubscribe: () => void;
  #bus: MessageBus | null = null;
  #telling: Promise<void> = Promise.resolve();

  constructor(context: MandosBusContext) {
    this.#context = context;
    this.#paths = context.paths;
    const { address, model, clock, log } = context;
    // The order of clients.conf decides who gets a path that two names lead to.
    for (const client of model.clients()) this.#paths.path(client.settings.name);
    const paths = this.#paths;
    this.#unsubscribe = model.subscribe({
      added: (client) => this.#send(clientAdded(client, paths.path(client.settings.name))),
      removed: (name) => this.#send(clientRemoved(name, paths.path(name))),
      changed: (client, names) => {
        const path = paths.path(client.settings.name);
        for (const name of names) this.#send(propertyChanged(client, path, name));
      },
      signalled: (client, signal) =>
        this.#send(clientSignalled(paths.path(client.settings.name), signal)),
      notFound: (keyId, peer) => this.#send(clientNotFound(keyId, peer)),
    });
    const user: BusUser = {
      use: (bus) => this.#use(bus),
      lost: () => {
        this.#bus = null;
      },
    };
    this.#link = new BusLink({ address, clock, log, user });
  }

  /**
   * Resolves when the service can be called. Rejects with `MandosError` when there is no bus
   * or another program has the name; the service goes on trying all the same.
   */
  get ready(): Promise<void> {
    return this.#link.firstTry;
  }

  async #use(bus: MessageBus): Promise<void> {
    const { model, log } = this.#context;
    serveObjects(bus, { tree: new MandosTree(model, this.#paths), machineId, log });
    if (!(await bus.requestName(SERVICE_NAME))) throw nameTaken(SERVICE_NAME);
    if (!(await bus.requestName(LEGACY_SERVICE_NAME))) throw nameTaken(LEGACY_SERVICE_NAME);
    this.#bus = bus;
    this.#telling = this.#tellOfAll(bus, clientAdded).catch((error: unknown) => {
      log.log('error', `cannot tell the message bus of the clients: ${String(error)}`);
    });
  }

  /** Somebody who kept watching while the server or the bus was away learns of all clients. */
  async #tellOfAll(bus: MessageBus, tell: typeof clientAdded): Promise<void> {
    let told = 0;
    for (const { settings } of [...this.#context.model.clients()]) {
      if (++told % CLIENTS_PER_TURN === 0) await this.#takeTurns(bus);
      if (this.#bus !== bus) return;
      const client = this.#context.model.find(settings.name);
      if (client !== undefined) this.#send(tell(client, this.#paths.path(settings.name)));
    }
  }

  async #takeTurns(bus: MessageBus): Promise<void> {
    do await setImmediate();
    while (this.#bus === bus && bus.backlog > ENOUGH_WAITING_BYTES);
  }

  #send(signals: readonly OutgoingSignal[]): void {
    for (const signal of signals) this.#bus?.signal(signal);
  }

  /** Takes its leave as the original does: clients are gone, then the names. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#unsubscribe();
    const bus = this.#bus;
    if (bus !== null) await this.#leave(bus).catch((error: unknown) => this.#cannotLeave(error));
    await this.#link[Symbol.asyncDispose]();
  }

  async #leave(bus: MessageBus): Promise<void> {
    await this.#telling;
    await this.#tellOfAll(bus, ({ settings }, path) => clientRemoved(settings.name, path));
    await bus.releaseName(SERVICE_NAME);
    await bus.releaseName(LEGACY_SERVICE_NAME);
  }

  /** The end of the connection says the same. */
  #cannotLeave(error: unknown): void {
    const why = error instanceof Error ? error.message : String(error);
    this.#context.log.log('debug', `cannot take leave of the message bus: ${why}`);
  }
}

function nameTaken(name: string): MandosError {
  return new MandosError('refused', `another program has the name ${name} on the message bus`, {
    hint: 'is another Mandos server running',
  });
}
