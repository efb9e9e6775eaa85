import type { BusObject, ObjectTree } from '../../dbus/bus-object.ts';
import { ClientObject } from './client-object.ts';
import { CLIENTS_PATH, type ClientPaths } from './client-paths.ts';
import type { BusModel } from './model.ts';
import { RootObject } from './root-object.ts';

/** All objects of the server. Those of clients are made when they are asked for. */
export class MandosTree implements ObjectTree {
  readonly #model: BusModel;
  readonly #paths: ClientPaths;
  readonly #root: RootObject;

  constructor(model: BusModel, paths: ClientPaths) {
    this.#model = model;
    this.#paths = paths;
    this.#root = new RootObject(model, paths);
  }

  find(path: string): BusObject | undefined {
    if (path === this.#root.path) return this.#root;
    const name = this.#paths.name(path);
    const client = name === undefined ? undefined : this.#model.find(name);
    return client && new ClientObject(path, client, this.#model);
  }

  children(path: string): readonly string[] {
    if (path !== '/' && path !== CLIENTS_PATH) return [];
    const names = Array.from(this.#model.clients(), (client) =>
      this.#paths.path(client.settings.name).slice(CLIENTS_PATH.length + 1),
    );
    if (path === CLIENTS_PATH) return names.sort();
    return names.length === 0 ? [] : [CLIENTS_PATH.slice(1)];
  }
}
