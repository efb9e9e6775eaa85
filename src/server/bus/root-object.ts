import type { BusObject } from '../../dbus/bus-object.ts';
import { DBusError, ErrorName } from '../../dbus/dbus-error.ts';
import { INTROSPECTABLE, OBJECT_MANAGER } from '../../dbus/standard-interfaces.ts';
import type { ClientPaths } from './client-paths.ts';
import { clientDict } from './client-values.ts';
import { LEGACY_MANDOS, MANDOS } from './interfaces.ts';
import { managedInterfaces } from './managed-objects.ts';
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

  async invoke(_interface: string, method: string, args: readonly unknown[]) {
    switch (method) {
      case 'GetManagedObjects':
        return [this.#forEachClient(managedInterfaces)];
      case 'GetAllClients':
        return [this.#forEachClient(() => null).map(([path]) => path)];
      case 'GetAllClientsWithProperties':
        return [this.#forEachClient(clientDict)];
      case 'RemoveClient':
        await this.#remove(String(args[0]));
        return [];
      default:
        throw new TypeError(`the server has no method ${method}`);
    }
  }

  #forEachClient<T>(tell: (client: ModelClient, path: string) => T): [path: string, value: T][] {
    return Array.from(this.#model.clients(), (client) => {
      const path = this.#paths.path(client.settings.name);
      return [path, tell(client, path)];
    });
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

type ModelClient = NonNullable<ReturnType<BusModel['find']>>;
