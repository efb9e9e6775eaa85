import type { BusObject, Values } from '../../dbus/bus-object.ts';
import { DBusError, ErrorName } from '../../dbus/dbus-error.ts';
import { LEGACY_MANDOS, MANDOS } from '../../dbus/mandos-interfaces.ts';
import { INTROSPECTABLE, OBJECT_MANAGER } from '../../dbus/standard-interfaces.ts';
import type { ClientPaths } from './client-paths.ts';
import { allPropertiesBody, managedObjectsBody, type PlacedClient } from './managed-objects.ts';
import type { BusModel } from './model.ts';

/** The server itself, at `/`. It has no properties. */
export class RootObject implements BusObject {
  readonly path = '/';
  readonly interfaces = [INTROSPECTABLE, OBJECT_MANAGER, MANDOS, LEGACY_MANDOS];
  readonly #model: BusModel;
  readonly #paths: ClientPaths;

  constructor(model: BusModel, paths: ClientPaths) {
    this.#model = model;
    this.#paths = paths;
  }

  async invoke(_interface: string, method: string, args: readonly unknown[]): Promise<Values> {
    switch (method) {
      case 'GetManagedObjects':
        return managedObjectsBody(this.#clients());
      case 'GetAllClients':
        return [this.#clients().map(({ path }) => path)];
      case 'GetAllClientsWithProperties':
        return allPropertiesBody(this.#clients());
      case 'RemoveClient':
        await this.#remove(String(args[0]));
        return [];
      default:
        throw new TypeError(`the server has no method ${method}`);
    }
  }

  #clients(): PlacedClient[] {
    return Array.from(this.#model.clients(), (client) => ({
      client,
      path: this.#paths.path(client.settings.name),
    }));
  }

  async #remove(path: string): Promise<void> {
    const name = this.#paths.name(path);
    if (name === undefined || this.#model.find(name) === undefined) {
      throw new DBusError(ErrorName.keyError, `there is no client ${path}`);
    }
    await this.#model.submit(name, { kind: 'remove' });
  }

  read(property: string): never {
    throw new TypeError(`the server has no property ${property}`);
  }

  write(property: string): never {
    throw new TypeError(`the server has no property ${property}`);
  }
}
