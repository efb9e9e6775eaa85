import { isIPv4, isIPv6 } from 'node:net';
import { MandosError } from '../core/error.ts';
import { LOG_LEVELS, type LogLevel } from '../core/log.ts';
import type { ConfigFiles } from './config-files.ts';
import { type MandosConf, readMandosConf } from './mandos-conf.ts';
import { misuse, parseCommandLine } from './options.ts';
import { ARGPARSE_MISUSE, serverOverrides, serverProgram } from './server-command-line.ts';
import { SERVER_DEFAULTS, type ServerOverrides, type ServerSettings } from './server-settings.ts';

export type ServerStart =
  | {
      /** `export` when `--export-state` was given. */
      readonly kind: 'serve' | 'export';
      readonly settings: ServerSettings;
      /** What was ignored in mandos.conf; for the log. */
      readonly warnings: readonly string[];
    }
  /** `--check` was given. */
  | { readonly kind: 'check' }
  /** To be written to standard output; the exit status is 0. */
  | { readonly kind: 'print'; readonly text: string };

/**
 * Reads the whole command line of mandos(8) and the mandos.conf it points at; the command
 * line wins. Throws `MandosError`: `usage` (exit status 2) for the command line, `config-syntax`
 * or `config-value` (exit status 1, with file and line) for mandos.conf.
 */
export function readServerOptions(
  args: readonly string[],
  version: string,
  files: ConfigFiles,
): ServerStart {
  const commandLine = parseCommandLine(serverProgram(version), args);
  if (commandLine.kind === 'print') return commandLine;
  const options = commandLine.values;
  if (options.check) return { kind: 'check' };
  const configDirectory = options.configdir ?? SERVER_DEFAULTS.configDirectory;
  const path = `${configDirectory}/mandos.conf`;
  const conf = readMandosConf(path, files);
  const given = serverOverrides(options);
  const blame: Blame = (setting, message, hint) =>
    complaint(given, path, conf, setting, message, hint);
  const settings = checked({ ...conf.settings, ...given }, configDirectory, blame);
  return { kind: options.exportState ? 'export' : 'serve', settings, warnings: conf.warnings };
}

/** The error for a setting that makes no sense, worded for where the setting came from. */
type Blame = (setting: keyof ServerOverrides, message: string, hint?: string) => MandosError;

function complaint(
  given: ServerOverrides,
  path: string,
  conf: MandosConf,
  setting: keyof ServerOverrides,
  message: string,
  hint?: string,
): MandosError {
  const line = conf.lines.get(setting);
  if (given[setting] !== undefined || line === undefined) {
    return misuse({ name: 'mandos', misuseStatus: ARGPARSE_MISUSE }, message, hint);
  }
  return new MandosError(
    'config-value',
    `${path}:${line}: ${message}`,
    hint === undefined ? {} : { hint },
  );
}

function checked(wanted: ServerOverrides, configDirectory: string, blame: Blame): ServerSettings {
  const useIpv6 = wanted.useIpv6 ?? SERVER_DEFAULTS.useIpv6;
  const zeroconf = wanted.zeroconf ?? SERVER_DEFAULTS.zeroconf;
  const debug = wanted.debug ?? SERVER_DEFAULTS.debug;
  const port = checkedPort(wanted.port ?? SERVER_DEFAULTS.port, blame);
  const socket = checkedSocket(wanted.socket, blame);
  if (!zeroconf && port === 0 && socket === null) {
    throw misuse(
      { name: 'mandos', misuseStatus: ARGPARSE_MISUSE },
      'without Zeroconf a port or a socket is needed, or no client could find the server',
      'give a port with --port, or in mandos.conf',
    );
  }
  return {
    configDirectory,
    interface: wanted.interface || null,
    address: checkedAddress(wanted.address || null, useIpv6, blame),
    port,
    socket,
    debug,
    debugLevel: checkedLevel(wanted.debugLevel || null, blame),
    priority: wanted.priority || SERVER_DEFAULTS.priority,
    serviceName: zeroconf
      ? checkedServiceName(wanted.serviceName, blame)
      : (wanted.serviceName ?? SERVER_DEFAULTS.serviceName),
    useDbus: wanted.useDbus ?? SERVER_DEFAULTS.useDbus,
    useIpv6,
    restore: wanted.restore ?? SERVER_DEFAULTS.restore,
    stateDirectory: wanted.stateDirectory || SERVER_DEFAULTS.stateDirectory,
    foreground: debug || (wanted.foreground ?? SERVER_DEFAULTS.foreground),
    zeroconf,
  };
}

function checkedPort(port: number, blame: Blame): number {
  if (port >= 0 && port <= 65535) return port;
  throw blame('port', `port ${port} is not between 0 and 65535`);
}

function checkedSocket(socket: number | undefined, blame: Blame): number | null {
  if (socket === undefined) return null;
  if (socket >= 0 && socket <= 0x7fffffff) return socket;
  throw blame('socket', `socket ${socket} is not a file descriptor`);
}

function checkedAddress(address: string | null, useIpv6: boolean, blame: Blame): string | null {
  if (address === null || (useIpv6 ? isIPv6(address) : isIPv4(address))) return address;
  const shown = JSON.stringify(address);
  if (!useIpv6) throw blame('address', `address ${shown} is not an IPv4 address`);
  throw blame(
    'address',
    `address ${shown} is not an IPv6 address`,
    isIPv4(address) ? `write ::FFFF:${address}, or do not use IPv6` : undefined,
  );
}

/** The other names that Python, and so the original, knows for its levels. */
const LEVEL_ALIASES: Readonly<Record<string, LogLevel>> = {
  warn: 'warning',
  fatal: 'critical',
  notset: 'debug',
};

function checkedLevel(name: string | null, blame: Blame): LogLevel | null {
  if (name === null) return null;
  const lower = name.toLowerCase();
  const alias = Object.hasOwn(LEVEL_ALIASES, lower) ? LEVEL_ALIASES[lower] : undefined;
  const level = alias ?? LOG_LEVELS.find((known) => known === lower);
  if (level !== undefined) return level;
  throw blame(
    'debugLevel',
    `there is no debug level ${JSON.stringify(name)}`,
    `the levels are ${LOG_LEVELS.join(', ').toUpperCase()}`,
  );
}

/** RFC 6763 section 4.1.1: a service's name is at most 63 bytes of UTF-8 without controls. */
function checkedServiceName(name: string | undefined, blame: Blame): string {
  if (name === undefined) return SERVER_DEFAULTS.serviceName;
  const length = new TextEncoder().encode(name).length;
  if (length >= 1 && length <= 63 && !/\p{Cc}/u.test(name)) return name;
  throw blame(
    'serviceName',
    `service name ${JSON.stringify(name)} cannot be announced`,
    'a name has 1 to 63 bytes and no control characters',
  );
}
