import { MandosError } from '../core/error.ts';
import type { ConfigFiles } from './config-files.ts';
import { firstError, parseIni } from './ini.ts';
import type { IniDocument } from './ini-document.ts';
import { parseBoolean, parseInteger } from './ini-scalars.ts';
import { OptionReader } from './option-reader.ts';
import type { ServerOverrides } from './server-settings.ts';

const TEXTS = {
  interface: 'interface',
  address: 'address',
  priority: 'priority',
  servicename: 'serviceName',
  statedir: 'stateDirectory',
  debuglevel: 'debugLevel',
} as const;
const NUMBERS = { port: 'port', socket: 'socket' } as const;
const BOOLEANS = {
  debug: 'debug',
  use_dbus: 'useDbus',
  use_ipv6: 'useIpv6',
  restore: 'restore',
  foreground: 'foreground',
  zeroconf: 'zeroconf',
} as const;
/** The names of all options of mandos.conf(5). */
export const MANDOS_CONF_OPTIONS: ReadonlySet<string> = new Set([
  ...Object.keys(TEXTS),
  ...Object.keys(NUMBERS),
  ...Object.keys(BOOLEANS),
]);

export interface MandosConf {
  /** What the file sets; what it leaves out is not there. */
  readonly settings: ServerOverrides;
  /** The line of each option that is set, for messages about its value. */
  readonly lines: ReadonlyMap<keyof ServerOverrides, number>;
  /** What was ignored: file, line and why. */
  readonly warnings: readonly string[];
}

/** Reads mandos.conf(5) at `path`. A file that is not there sets nothing. */
export function readMandosConf(path: string, files: ConfigFiles): MandosConf {
  let bytes: Uint8Array;
  try {
    bytes = files.readFile(path);
  } catch (error) {
    if (!(error instanceof MandosError) || error.code !== 'file-missing') throw error;
    return { settings: {}, lines: new Map(), warnings: [] };
  }
  return parseMandosConf(path, bytes);
}

/**
 * Parses mandos.conf(5). Only `[DEFAULT]` counts. Texts are taken as written; numbers and
 * truth values are expanded first; an empty number is as if it were not there. Throws
 * `MandosError` `config-syntax` or `config-value`, with file and line.
 */
export function parseMandosConf(file: string, bytes: Uint8Array): MandosConf {
  using document = parseIni(file, bytes);
  const error = firstError(document);
  if (error !== null) throw error;
  const reader = new OptionReader(document, document.defaults);
  const settings: { -readonly [Key in keyof ServerOverrides]: ServerOverrides[Key] } = {};
  for (const [option, setting] of entries(TEXTS)) {
    const text = reader.raw(option);
    if (text !== null) settings[setting] = text;
  }
  for (const [option, setting] of entries(NUMBERS)) {
    if (reader.raw(option)) settings[setting] = reader.parsed(option, parseInteger);
  }
  for (const [option, setting] of entries(BOOLEANS)) {
    if (reader.raw(option) !== null) settings[setting] = reader.parsed(option, parseBoolean);
  }
  return { settings, lines: settingLines(document), warnings: warnings(document) };
}

function settingLines(document: IniDocument): ReadonlyMap<keyof ServerOverrides, number> {
  const lines = new Map<keyof ServerOverrides, number>();
  for (const [option, setting] of entries({ ...TEXTS, ...NUMBERS, ...BOOLEANS })) {
    const line = document.defaults.options.get(option)?.line;
    if (line !== undefined) lines.set(setting, line);
  }
  return lines;
}

function warnings(document: IniDocument): string[] {
  const unknown = [...document.defaults.options.values()]
    .filter((option) => !MANDOS_CONF_OPTIONS.has(option.name))
    .map(
      ({ name, line }) =>
        `${document.file}:${line}: unknown option ${JSON.stringify(name)} ignored`,
    );
  const sections = document.sections.map(
    ({ name, line }) =>
      `${document.file}:${line}: section ${JSON.stringify(name)} ignored: only [DEFAULT] counts`,
  );
  return [...unknown, ...sections];
}

function entries<Table extends Record<string, string>>(
  table: Table,
): (readonly [string, Table[keyof Table]])[] {
  return Object.entries(table) as [string, Table[keyof Table]][];
}
