/** The objects of clients as ObjectManager tells of them. */
import type { Client } from '../../core/client.ts';
import type { PropertyDict } from '../../dbus/properties.ts';
import { INTROSPECTABLE, PROPERTIES } from '../../dbus/standard-interfaces.ts';
import { clientDict } from './client-values.ts';
import { CLIENT, LEGACY_CLIENT } from './interfaces.ts';

/** As `a{sa{sv}}` on the wire. */
export type InterfacesDict = [name: string, properties: PropertyDict][];

/** In the original's order, also for InterfacesRemoved. */
export const CLIENT_INTERFACE_NAMES: readonly string[] = [
  INTROSPECTABLE.name,
  CLIENT.name,
  LEGACY_CLIENT.name,
  PROPERTIES.name,
];

export function managedInterfaces(client: Client, path: string): InterfacesDict {
  const properties = clientDict(client, path);
  return [
    [INTROSPECTABLE.name, []],
    [CLIENT.name, properties],
    [LEGACY_CLIENT.name, properties],
    [PROPERTIES.name, []],
  ];
}
