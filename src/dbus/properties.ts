/** org.freedesktop.DBus.Properties for any object, from its contract. */
import type { BusObject } from './bus-object.ts';
import type { Interface, Property } from './contract.ts';
import { DBusError, ErrorName } from './dbus-error.ts';
import { valueOfType } from './property-value.ts';
import { type Variant, variant } from './wire.ts';

/** As `a{sv}` on the wire. */
export type PropertyDict = [name: string, value: Variant][];

export function getProperty(object: BusObject, interfaceName: string, name: string): Variant {
  const property = findProperty(object, interfaceName, name);
  if (property.access === 'write') throw noAccess(name, 'cannot be read');
  return variant(property.type, object.read(name));
}

/** Returns when the change is in force. */
export async function setProperty(
  object: BusObject,
  interfaceName: string,
  name: string,
  value: unknown,
): Promise<void> {
  const property = findProperty(object, interfaceName, name);
  if (property.access === 'read') throw noAccess(name, 'cannot be set');
  await object.write(name, valueOfType(property.type, value));
}

/** What can be read of one interface, or of all when no name is given; unknown ones have nothing. */
export function getAllProperties(object: BusObject, interfaceName: string): PropertyDict {
  const found = object.interfaces.filter(
    ({ name }) => interfaceName === '' || name === interfaceName,
  );
  const byName = new Map(found.flatMap((one) => readableProperties(object, one)));
  return [...byName];
}

export function readableProperties(object: BusObject, { properties }: Interface): PropertyDict {
  return properties
    .filter(({ access }) => access !== 'write')
    .map(({ name, type }) => [name, variant(type, object.read(name))]);
}

function findProperty(object: BusObject, interfaceName: string, name: string): Property {
  const found = object.interfaces
    .find((one) => one.name === interfaceName)
    ?.properties.find((property) => property.name === name);
  if (found !== undefined) return found;
  throw new DBusError(ErrorName.propertyNotFound, `${object.path}:${interfaceName}.${name}`);
}

function noAccess(name: string, why: string): DBusError {
  return new DBusError(ErrorName.propertyAccess, `${name} ${why}`);
}
