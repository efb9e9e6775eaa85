/** A client's properties as values of D-Bus. */
import type { Client } from '../../core/client.ts';
import { type ClientProperties, clientProperties } from '../../core/client-properties.ts';
import type { BodyWriter } from '../../dbus/body-writer.ts';
import { CLIENT } from '../../dbus/mandos-interfaces.ts';
import { timeText } from './time-text.ts';

const READABLE = CLIENT.properties.filter(({ access }) => access !== 'write');

/** The value of one property that can be read. */
export function clientValue(client: Client, path: string, name: string): unknown {
  return valueIn(client, clientProperties(client), path, name);
}

/** Writes the entries of a dict with all properties that can be read, in the contract's order. */
export function writeClientEntries(writer: BodyWriter, client: Client, path: string): void {
  const properties = clientProperties(client);
  for (const { name, type } of READABLE) {
    writer.entry();
    writer.text(name);
    writer.variant(type, valueIn(client, properties, path, name));
  }
}

function valueIn(
  client: Client,
  properties: ClientProperties,
  path: string,
  name: string,
): unknown {
  switch (name) {
    case 'ApprovalDelay':
    case 'ApprovalDuration':
    case 'ExtendedTimeout':
    case 'Interval':
    case 'Timeout':
      return BigInt(properties[name]);
    case 'ApprovalPending':
    case 'ApprovedByDefault':
    case 'CheckerRunning':
    case 'Enabled':
    case 'LastCheckerStatus':
      return properties[name];
    case 'Checker':
    case 'Host':
      return busText(properties[name]);
    case 'Expires':
    case 'LastApprovalRequest':
    case 'LastCheckedOK':
    case 'LastEnabled':
      return timeText(properties[name]);
    case 'Created':
      return timeText(client.created);
    case 'Fingerprint':
      return busText(client.settings.fingerprint);
    case 'KeyID':
      return client.settings.keyId ?? '';
    case 'Name':
      return busText(client.settings.name);
    case 'ObjectPath':
      return path;
    default:
      throw new TypeError(`a client has no property ${name}`);
  }
}

/** The bus ends the connection of whoever sends a text that is not UTF-8 or has a zero in it. */
export function busText(text: string): string {
  return text.replaceAll('\0', '\u{FFFD}').toWellFormed();
}
