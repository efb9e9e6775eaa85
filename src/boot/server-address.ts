import { MandosError } from '../core/error.ts';
import { ipFamily, isLinkLocal } from './ip-address.ts';

/** Where a server may be reached. */
export interface ServerAddress {
  /** An IP address without scope and brackets. */
  readonly address: string;
  readonly port: number;
  /** The network interface that a link-local address is on; null for any other address. */
  readonly interface: string | null;
}

/**
 * Reads `ADDRESS:PORT` of `--connect`: the last colon separates the two, so that an IPv6
 * address needs no brackets and may have them (mandos-client(8mandos)). A link-local
 * address may carry its interface: `fe80::1%eth0:4711`.
 *
 * There is no name service in an initial RAM disk; the original tries host names again and
 * again without hope, here they are refused.
 * @throws MandosError `config-value`
 */
export function parseServerAddress(text: string): ServerAddress {
  const colon = text.lastIndexOf(':');
  if (colon < 0) throw bad(`no colon in ${JSON.stringify(text)}`, 'write ADDRESS:PORT');
  const port = parsePort(text.slice(colon + 1));
  const host = text.slice(0, colon).replace(/^\[(.*)\]$/, '$1');
  const percent = host.indexOf('%');
  const address = percent < 0 ? host : host.slice(0, percent);
  const scope = percent < 0 ? null : host.slice(percent + 1);
  if (ipFamily(address) === null) {
    throw bad(`${JSON.stringify(address)} is no IP address`, 'names cannot be looked up at boot');
  }
  if (scope !== null && !isLinkLocal(address)) {
    throw bad(`${address} is not link-local and has no interface`, `leave out %${scope}`);
  }
  if (scope === '' || (scope !== null && !isInterfaceName(scope))) {
    throw bad(`${JSON.stringify(scope)} is no interface name`, 'such as fe80::1%eth0:4711');
  }
  return { address, port, interface: scope };
}

/**
 * The address with the interface it is on, if it needs one and does not say it.
 * @throws MandosError `usage` when it needs one and nobody says it
 */
export function onInterface(server: ServerAddress, interfaces: readonly string[]): ServerAddress {
  if (!isLinkLocal(server.address) || server.interface !== null) return server;
  const [only, ...others] = interfaces;
  if (only !== undefined && others.length === 0) return { ...server, interface: only };
  throw new MandosError('usage', `the link-local address ${server.address} is on no interface`, {
    exitCode: 64,
    hint: 'name exactly one with --interface, or write it as ADDRESS%INTERFACE:PORT',
  });
}

/** For people, such as `[fe80::1%eth0]:4711`. */
export function formatServer(server: ServerAddress): string {
  const scope = server.interface === null ? '' : `%${server.interface}`;
  const host = server.address.includes(':') ? `[${server.address}${scope}]` : server.address;
  return `${host}:${server.port}`;
}

/** What Linux takes for the name of a network interface, or for its number. */
function isInterfaceName(text: string): boolean {
  return text.length <= 15 && !/[\s/]/.test(text) && text !== '.' && text !== '..';
}

function parsePort(text: string): number {
  const port = /^[0-9]{1,5}$/.test(text) ? Number(text) : 0;
  if (port < 1 || port > 65_535) {
    throw bad(`${JSON.stringify(text)} is no port number`, 'a port is a number from 1 to 65535');
  }
  return port;
}

function bad(message: string, hint: string): MandosError {
  return new MandosError('config-value', message, { hint });
}
