/** The objects of clients as ObjectManager and its predecessors tell of them. */
import type { Client } from '../../core/client.ts';
import { BodyWriter, EncodedBody } from '../../dbus/body-writer.ts';
import { CLIENT, LEGACY_CLIENT } from '../../dbus/mandos-interfaces.ts';
import { INTROSPECTABLE, PROPERTIES } from '../../dbus/standard-interfaces.ts';
import { writeClientEntries } from './client-values.ts';

export interface PlacedClient {
  readonly client: Client;
  readonly path: string;
}

/** In the original's order, also for InterfacesRemoved. */
export const CLIENT_INTERFACE_NAMES: readonly string[] = [
  INTROSPECTABLE.name,
  CLIENT.name,
  LEGACY_CLIENT.name,
  PROPERTIES.name,
];

/** The body `a{oa{sa{sv}}}` of GetManagedObjects. */
export function managedObjectsBody(clients: readonly PlacedClient[]): EncodedBody {
  const writer = new BodyWriter();
  const entries = new BodyWriter();
  writer.dict(() => {
    for (const placed of clients) writeManagedObject(writer, placed, entries);
  });
  return new EncodedBody(writer.written);
}

/** The body `oa{sa{sv}}` of InterfacesAdded. */
export function interfacesAddedBody(placed: PlacedClient): EncodedBody {
  const writer = new BodyWriter();
  writeManagedObject(writer, placed, new BodyWriter());
  return new EncodedBody(writer.written);
}

/** The body `a{oa{sv}}` of GetAllClientsWithProperties. */
export function allPropertiesBody(clients: readonly PlacedClient[]): EncodedBody {
  const writer = new BodyWriter();
  writer.dict(() => {
    for (const { client, path } of clients) {
      writer.entry();
      writer.text(path);
      writer.dict(() => writeClientEntries(writer, client, path));
    }
  });
  return new EncodedBody(writer.written);
}

/** @param entries is written over: both client interfaces have the same properties */
function writeManagedObject(
  writer: BodyWriter,
  { client, path }: PlacedClient,
  entries: BodyWriter,
): void {
  entries.clear();
  writeClientEntries(entries, client, path);
  writer.entry();
  writer.text(path);
  writer.dict(() => {
    for (const name of CLIENT_INTERFACE_NAMES) {
      writer.entry();
      writer.text(name);
      const hasProperties = name === CLIENT.name || name === LEGACY_CLIENT.name;
      writer.dict(() => hasProperties && writer.copy(entries.written));
    }
  });
}
