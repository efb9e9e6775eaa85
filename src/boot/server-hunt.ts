import { CancellationSource } from '../core/cancellation.ts';
import { MandosError } from '../core/error.ts';
import type { ClientSettings } from './client-settings.ts';
import { FoundServers } from './found-servers.ts';
import { hookEnvironment } from './hook-environment.ts';
import { InterfaceKeeper } from './interface-keeper.ts';
import { NetworkHooks } from './network-hooks.ts';
import type { PasswordSearch } from './password-search.ts';
import type { Platform, ServerBrowser } from './platform.ts';
import { onInterface, type ServerAddress } from './server-address.ts';

/**
 * Brings servers to a search for a password: network hooks, then interfaces, then the servers
 * that were named and those that Zeroconf finds. Whatever it brought up for that, `end` takes
 * down again (C4).
 */
export class ServerHunt {
  readonly #settings: ClientSettings;
  readonly #platform: Platform;
  readonly #search: PasswordSearch;
  readonly #named: readonly ServerAddress[];
  readonly #found: FoundServers;
  readonly #hooks: NetworkHooks;
  readonly #keeper: InterfaceKeeper;
  readonly #routes = new Set<Disposable>();
  readonly #ending = new CancellationSource();
  #browser: ServerBrowser | null = null;
  #started: Promise<void> = Promise.resolve();

  /** @throws MandosError `usage` when a server was named that no interface leads to */
  constructor(settings: ClientSettings, platform: Platform, search: PasswordSearch) {
    const { network, hooks: runner, clock, log } = platform;
    const { connect, servers, interfaces: choice, delay } = settings;
    this.#settings = settings;
    this.#platform = platform;
    this.#search = search;
    this.#named = [...(connect === null ? [] : [connect]), ...servers].map((server) =>
      onInterface(server, choice.names),
    );
    this.#found = new FoundServers(search);
    this.#hooks = new NetworkHooks({
      ...{ runner, clock, log, folder: settings.networkHookDirectory },
      environment: hookEnvironment(settings),
    });
    this.#keeper = new InterfaceKeeper({
      ...{ network, clock, log, choice, delay, connecting: connect !== null },
      changed: () => search.hurry(),
    });
  }

  /** Begins; the search fails with what cannot be bettered by waiting. */
  start(): void {
    this.#started = this.#run().catch((error) => this.#search.fail(error));
  }

  /** The server was asked in vain. */
  inVain(server: ServerAddress): void {
    for (const id of this.#found.idsAt(server)) this.#browser?.setAside(id);
  }

  /**
   * Makes a route to a server that was found on an interface and that the machine knows no
   * way to, as when there is no router to tell it that the server’s network is here.
   */
  makeWay(server: ServerAddress): Disposable | null {
    const interfaceName = this.#found.interfaceOf(server);
    if (interfaceName === null || server.interface !== null || this.#ending.aborted) return null;
    const { network, log } = this.#platform;
    try {
      const route = network.addRoute(server, interfaceName);
      if (route === null) return null;
      log.log('debug', `added a route to ${server.address} on ${interfaceName}`);
      this.#routes.add(route);
      return { [Symbol.dispose]: () => this.#dropRoute(route) };
    } catch (error) {
      log.log('debug', `no route to ${server.address}: ${messageOf(error)}`);
      return null;
    }
  }

  /** Takes down all that was brought up; returns when that is done. */
  async end(): Promise<void> {
    this.#ending.abort(new MandosError('cancelled', 'the program ends'));
    await this.#started;
    for (const route of this.#routes) this.#dropRoute(route);
    try {
      await this.#browser?.[Symbol.asyncDispose]();
    } finally {
      this.#keeper[Symbol.dispose]();
      await this.#hooks.stop();
    }
  }

  async #run(): Promise<void> {
    await this.#hooks.start(this.#ending);
    if (this.#ending.aborted) return;
    this.#keeper.start();
    for (const server of this.#named) this.#search.add(server);
    if (this.#settings.connect === null) await this.#browse();
  }

  async #browse(): Promise<void> {
    const found = this.#found;
    try {
      this.#browser = await this.#platform.browse(
        (name) => this.#keeper.wanted(name),
        (effect) => (effect.kind === 'found' ? found.found(effect.server) : found.gone(effect.id)),
      );
    } catch (error) {
      if (this.#named.length === 0) throw error;
      this.#platform.log.log('warning', `no search by Zeroconf: ${messageOf(error)}`);
    }
  }

  #dropRoute(route: Disposable): void {
    if (!this.#routes.delete(route)) return;
    try {
      route[Symbol.dispose]();
    } catch (error) {
      // It goes with its interface, too.
      this.#platform.log.log('debug', `cannot remove a route: ${messageOf(error)}`);
    }
  }
}

/** Of what the system refused; anything else is a mistake of ours. */
function messageOf(error: unknown): string {
  if (error instanceof MandosError) return error.message;
  throw error;
}
