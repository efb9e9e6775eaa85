import { MandosError } from '../core/error.ts';

/** Where the system bus listens unless DBUS_SYSTEM_BUS_ADDRESS says otherwise (specification). */
const DEFAULT_SYSTEM_BUS = 'unix:path=/var/run/dbus/system_bus_socket';

/** The address of the system bus for a program with this environment. */
export function systemBusAddress(env: Readonly<Record<string, string | undefined>>): string {
  const address = env.DBUS_SYSTEM_BUS_ADDRESS;
  return address === undefined || address === '' ? DEFAULT_SYSTEM_BUS : address;
}

/**
 * The Unix sockets that an address (D-Bus specification, "Server Addresses") names, in the
 * order in which they are to be tried, as `node:net` takes them. Other transports are left
 * out: a system bus has no business on them. Throws `MandosError` when nothing is left.
 */
export function socketPaths(address: string): string[] {
  const paths = address.split(';').flatMap((entry) => {
    const separator = entry.indexOf(':');
    if (entry.slice(0, separator) !== 'unix') return [];
    const values = keyValues(entry.slice(separator + 1));
    const path = values.get('path');
    const abstract = values.get('abstract');
    if (path !== undefined && path !== '') return [path];
    return abstract === undefined || abstract === '' ? [] : [`\0${abstract}`];
  });
  if (paths.length === 0) {
    throw new MandosError('config-value', `no usable address of a message bus: ${address}`, {
      hint: 'set DBUS_SYSTEM_BUS_ADDRESS to something like unix:path=/run/dbus/system_bus_socket',
    });
  }
  return paths;
}

function keyValues(text: string): Map<string, string> {
  const values = new Map<string, string>();
  for (const pair of text.split(',')) {
    const equals = pair.indexOf('=');
    if (equals > 0) values.set(pair.slice(0, equals), unescaped(pair.slice(equals + 1)));
  }
  return values;
}

/** `%20` and the like; what is no escape stays as it is. */
function unescaped(text: string): string {
  const bytes = Buffer.from(text, 'utf8').toString('latin1');
  const plain = bytes.replaceAll(/%([0-9A-Fa-f]{2})/g, (_, digits) =>
    String.fromCharCode(Number.parseInt(digits, 16)),
  );
  return Buffer.from(plain, 'latin1').toString('utf8');
}
