import { ExitStatus } from '../core/error.ts';
import { parseInteger } from './ini-scalars.ts';
import {
  action,
  asText,
  flag,
  type Options,
  type OptionValues,
  type ProgramDeclaration,
  value,
} from './option-declaration.ts';
import { SERVER_DEFAULTS, type ServerOverrides } from './server-settings.ts';

/**
 * The status with which Python's argparse refuses a command line, and so the original's
 * `mandos`; it is not one of sysexits.h.
 */
export const ARGPARSE_MISUSE = ExitStatus.argparse;

const OPTIONS = {
  help: action('help', { long: 'help', short: 'h', description: 'show this help and exit' }),
  version: action('version', {
    long: 'version',
    short: 'v',
    description: 'show the version and exit',
  }),
  interface: value({
    long: 'interface',
    short: 'i',
    valueName: 'NAME',
    parse: asText,
    description: 'listen and announce on this network interface only',
  }),
  address: value({
    long: 'address',
    short: 'a',
    valueName: 'ADDRESS',
    parse: asText,
    description: 'listen on this IPv6 address only',
  }),
  port: value({
    long: 'port',
    short: 'p',
    valueName: 'PORT',
    parse: parseInteger,
    description: 'listen on this TCP port instead of one the system picks',
  }),
  check: flag({ long: 'check', description: 'run a self-test and exit' }),
  debug: flag({
    long: 'debug',
    description: 'stay in the foreground and tell everything on the terminal',
  }),
  debuglevel: value({
    long: 'debuglevel',
    valueName: 'LEVEL',
    parse: asText,
    description: 'log what is at least this severe: CRITICAL, ERROR, WARNING, INFO or DEBUG',
  }),
  priority: value({
    long: 'priority',
    valueName: 'PRIORITY',
    parse: asText,
    description: 'what TLS may use, as a GnuTLS priority string',
  }),
  servicename: value({
    long: 'servicename',
    valueName: 'NAME',
    parse: asText,
    description: `the name to announce by Zeroconf (default: ${SERVER_DEFAULTS.serviceName})`,
  }),
  configdir: value({
    long: 'configdir',
    valueName: 'DIRECTORY',
    parse: asText,
    description: `where the configuration files are (default: ${SERVER_DEFAULTS.configDirectory})`,
  }),
  noDbus: flag({ long: 'no-dbus', description: 'offer no D-Bus interface' }),
  noIpv6: flag({ long: 'no-ipv6', description: 'use IPv4 instead of IPv6' }),
  noRestore: flag({ long: 'no-restore', description: 'forget the state of the last run' }),
  statedir: value({
    long: 'statedir',
    valueName: 'DIRECTORY',
    parse: asText,
    description: `where the state is kept (default: ${SERVER_DEFAULTS.stateDirectory})`,
  }),
  socket: value({
    long: 'socket',
    valueName: 'FD',
    parse: parseInteger,
    description: 'use this file descriptor as the listening socket',
  }),
  foreground: flag({
    long: 'foreground',
    description: 'stay in the foreground and write no PID file',
  }),
  noZeroconf: flag({
    long: 'no-zeroconf',
    description: 'do not announce the server; needs a port or a socket',
  }),
  exportState: flag({
    long: 'export-state',
    description: "write the state to clients.pickle for the original's server, and exit",
  }),
} as const satisfies Options;

export type ServerOptions = OptionValues<typeof OPTIONS>;

/** The command line of mandos(8). */
export function serverProgram(version: string): ProgramDeclaration<typeof OPTIONS> {
  return {
    name: 'mandos',
    version,
    purpose: 'Gives encrypted passwords to Mandos clients that prove who they are.',
    habits: 'argparse',
    misuseStatus: ARGPARSE_MISUSE,
    options: OPTIONS,
  };
}

/** What the command line sets; an option that was not given sets nothing. */
export function serverOverrides(options: ServerOptions): ServerOverrides {
  const { interface: name, address, port, socket, priority } = options;
  return {
    ...(name === undefined ? {} : { interface: name }),
    ...(address === undefined ? {} : { address }),
    ...(port === undefined ? {} : { port }),
    ...(socket === undefined ? {} : { socket }),
    ...(priority === undefined ? {} : { priority }),
    ...(options.debuglevel === undefined ? {} : { debugLevel: options.debuglevel }),
    ...(options.servicename === undefined ? {} : { serviceName: options.servicename }),
    ...(options.statedir === undefined ? {} : { stateDirectory: options.statedir }),
    ...(options.debug ? { debug: true } : {}),
    ...(options.foreground ? { foreground: true } : {}),
    ...(options.noDbus ? { useDbus: false } : {}),
    ...(options.noIpv6 ? { useIpv6: false } : {}),
    ...(options.noRestore ? { restore: false } : {}),
    ...(options.noZeroconf ? { zeroconf: false } : {}),
  };
}
