/** What the original tells on the bus, signal for signal, under both names where it does. */
import type { Client } from '../../core/client.ts';
import type { ClientSignal, PropertyName } from '../../core/client-effect.ts';
import type { EncodedBody } from '../../dbus/body-writer.ts';
import { type Interface, signatureOf } from '../../dbus/contract.ts';
import { CLIENT, LEGACY_CLIENT, LEGACY_MANDOS, MANDOS } from '../../dbus/mandos-interfaces.ts';
import type { OutgoingSignal } from '../../dbus/message-bus.ts';
import { OBJECT_MANAGER, PROPERTIES } from '../../dbus/standard-interfaces.ts';
import { type Variant, variant } from '../../dbus/wire.ts';
import { busText, clientValue } from './client-values.ts';
import { CLIENT_INTERFACE_NAMES, interfacesAddedBody } from './managed-objects.ts';

const ROOT = '/';

export function clientAdded(client: Client, path: string): OutgoingSignal[] {
  return [
    build(OBJECT_MANAGER, ROOT, 'InterfacesAdded', interfacesAddedBody({ client, path })),
    ...onBoth([MANDOS, LEGACY_MANDOS], ROOT, 'ClientAdded', [path]),
  ];
}

export function clientRemoved(name: string, path: string): OutgoingSignal[] {
  return [
    build(OBJECT_MANAGER, ROOT, 'InterfacesRemoved', [path, CLIENT_INTERFACE_NAMES]),
    ...onBoth([MANDOS, LEGACY_MANDOS], ROOT, 'ClientRemoved', [path, busText(name)]),
  ];
}

/** Link-local addresses are told without their scope. */
export function clientNotFound(keyId: string, address: string): OutgoingSignal[] {
  const [withoutScope = ''] = address.split('%');
  return onBoth([MANDOS, LEGACY_MANDOS], ROOT, 'ClientNotFound', [keyId, busText(withoutScope)]);
}

/** The secret itself is never told, only that there is another one. */
export function propertyChanged(client: Client, path: string, name: PropertyName) {
  if (name === 'Secret') return [propertiesChanged(path, [], [name])];
  const type = CLIENT.properties.find((property) => property.name === name)?.type ?? '';
  const value = variant(type, clientValue(client, path, name));
  return [
    ...onBoth([CLIENT, LEGACY_CLIENT], path, 'PropertyChanged', [name, value]),
    propertiesChanged(path, [[name, value]], []),
  ];
}

function propertiesChanged(
  path: string,
  changed: readonly [string, Variant][],
  invalidated: readonly string[],
): OutgoingSignal {
  return build(PROPERTIES, path, 'PropertiesChanged', [CLIENT.name, changed, invalidated]);
}

export function clientSignalled(path: string, signal: ClientSignal): OutgoingSignal[] {
  return onBoth([CLIENT, LEGACY_CLIENT], path, signal.name, valuesOf(signal));
}

function valuesOf(signal: ClientSignal): readonly unknown[] {
  switch (signal.name) {
    case 'CheckerStarted':
      return [busText(signal.command)];
    case 'CheckerCompleted':
      return [signal.exitCode, BigInt(signal.waitStatus), busText(signal.command)];
    case 'GotSecret':
      return [];
    case 'NeedApproval':
      return [BigInt(signal.timeout), signal.approvedByDefault];
    case 'Rejected':
      return [busText(signal.reason)];
  }
}

function onBoth(
  interfaces: readonly Interface[],
  path: string,
  member: string,
  body: readonly unknown[],
): OutgoingSignal[] {
  return interfaces.map((one) => build(one, path, member, body));
}

/** Throws `TypeError` for a signal that the interface does not declare. */
function build(
  { name, members }: Interface,
  path: string,
  member: string,
  body: readonly unknown[] | EncodedBody,
): OutgoingSignal {
  const declared = members.find((one) => one.name === member);
  if (declared?.kind !== 'signal') throw new TypeError(`${name} has no signal ${member}`);
  return { path, interface: name, member, signature: signatureOf(declared.tells), body };
}
