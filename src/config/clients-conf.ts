import type { ClientSettings } from '../core/client-settings.ts';
import { MandosError } from '../core/error.ts';
import type { Blob } from '../core/secret.ts';
import {
  CLIENT_DEFAULTS,
  comparable,
  type KeyIdOption,
  readBlob,
  readKeyId,
  readSettings,
  SECRET_OPTIONS,
} from './client-section.ts';
import type { ConfigFiles } from './config-files.ts';
import { iniError, parseIni } from './ini.ts';
import type { IniDocument, IniSection } from './ini-document.ts';
import { OptionReader } from './option-reader.ts';

/** One section of clients.conf: a client, or what keeps it from being served (F4). */
export type ClientSection =
  | {
      readonly kind: 'client';
      readonly name: string;
      readonly line: number;
      readonly settings: ClientSettings;
      /** Owned by whoever reads the file: to be disposed of. */
      readonly blob: Blob;
      /** By option name, in a form where equal values are equal texts; the secret as a hash. */
      readonly written: ReadonlyMap<string, string>;
    }
  | {
      readonly kind: 'bad';
      readonly name: string;
      readonly line: number;
      readonly problem: MandosError;
    };

export interface ClientsConf {
  /** One for each name, in the order of the file. */
  readonly sections: readonly ClientSection[];
  /** Not one section: perhaps a mishap (F4). */
  readonly empty: boolean;
  /**
   * Whether every line was understood. When not, or when the file is empty, a client without
   * a section must not be taken for removed; ask `isGone`.
   */
  readonly complete: boolean;
  /** Names in lines that may have been meant as section headers. */
  readonly doubtfulNames: ReadonlySet<string>;
  /** What the administrator should know beside the bad sections; file, line and what. */
  readonly warnings: readonly string[];
}

/**
 * Whether the administrator has taken the client's section out of the file. A typo never
 * counts as that: a removed client that comes back is a new one, alive (F1, F4).
 */
export function isGone(conf: ClientsConf, name: string): boolean {
  if (conf.empty || !conf.complete || conf.doubtfulNames.has(name)) return false;
  return !conf.sections.some((section) => section.name === name);
}

/** Where clients.conf is. */
export function clientsConfPath({ configDirectory }: { readonly configDirectory: string }): string {
  return `${configDirectory}/clients.conf`;
}

/**
 * Reads clients.conf, mandos-clients.conf(5), at `path`. A missing file is an empty one, as
 * for the original. Throws `MandosError` only when the file is there and cannot be read.
 */
export function readClientsConf(path: string, files: ConfigFiles): ClientsConf {
  let bytes: Uint8Array;
  try {
    bytes = files.readFile(path);
  } catch (error) {
    if (!(error instanceof MandosError) || error.code !== 'file-missing') throw error;
    bytes = new Uint8Array(0);
  }
  try {
    return parseClientsConf(path, bytes, files);
  } finally {
    bytes.fill(0);
  }
}

/** As `readClientsConf`, for what was read from `file`. Never throws. */
export function parseClientsConf(file: string, bytes: Uint8Array, files: ConfigFiles): ClientsConf {
  using document = parseIni(file, bytes, {
    secretOptions: SECRET_OPTIONS,
    builtIn: CLIENT_DEFAULTS,
  });
  const drafts = draftSections(document);
  const defaultsProblem = problemForAll(document);
  const owners = keyOwners(drafts);
  return {
    sections: drafts.map((draft) => finishSection(draft, document, owners, defaultsProblem, files)),
    empty: document.sections.length === 0,
    complete: document.problems.every(
      ({ kind }) => kind === 'duplicate-option' || kind === 'duplicate-section',
    ),
    doubtfulNames: new Set(document.lostHeaders.map(({ name }) => name)),
    warnings: warnings(document, defaultsProblem),
  };
}

interface Draft {
  readonly section: IniSection;
  readonly options: OptionReader;
  readonly key: KeyIdOption;
  /** The keys of sections of the same name further down. */
  readonly otherKeys: readonly KeyIdOption[];
}

function draftSections(document: IniDocument): Draft[] {
  const byName = Map.groupBy(document.sections, (section) => section.name);
  return [...byName.values()].flatMap(([section, ...repeated]) => {
    if (section === undefined) return [];
    const options = new OptionReader(document, section);
    const otherKeys = repeated.map((other) => readKeyId(new OptionReader(document, other)));
    return [{ section, options, key: readKeyId(options), otherKeys }];
  });
}

/**
 * What is wrong with the part of the file that counts for every client. A default that cannot
 * be read may have been the strict one, so no client is served without it.
 */
function problemForAll(document: IniDocument): MandosError | null {
  const problem = document.preamble[0] ?? document.defaults.problems[0];
  if (problem !== undefined) return iniError(document.file, problem);
  const lost = document.lostHeaders.find(({ name }) => name.trim() === 'DEFAULT');
  const misspelt = document.sections.find(isMisspeltDefault);
  const line = lost?.line ?? misspelt?.line;
  if (line === undefined) return null;
  return iniError(document.file, {
    kind: 'syntax',
    line,
    message: 'the line looks like the header of [DEFAULT] and is not one',
    hint: 'write [DEFAULT] at the start of a line, in capitals and without spaces',
  });
}

const CLIENT_MARKS = ['key_id', 'fingerprint', 'secret', 'secfile'];

/** `[default]` may be a client's name, but a client has a key or a secret. */
function isMisspeltDefault({ name, options }: IniSection): boolean {
  if (name.trim().toUpperCase() !== 'DEFAULT') return false;
  return !CLIENT_MARKS.some((option) => options.has(option));
}

/** Which sections, bad ones included, have each key ID. */
function keyOwners(drafts: readonly Draft[]): ReadonlyMap<string, readonly string[]> {
  const owners = new Map<string, string[]>();
  for (const { section, key, otherKeys } of drafts) {
    const keyIds = [key, ...otherKeys].flatMap((one) => (one.kind === 'key-id' ? [one.keyId] : []));
    for (const keyId of new Set(keyIds)) {
      const names = owners.get(keyId);
      if (names === undefined) owners.set(keyId, [section.name]);
      else names.push(section.name);
    }
  }
  return owners;
}

function finishSection(
  { section, options, key }: Draft,
  document: IniDocument,
  owners: ReadonlyMap<string, readonly string[]>,
  defaultsProblem: MandosError | null,
  files: ConfigFiles,
): ClientSection {
  const { name, line } = section;
  const bad = (problem: MandosError): ClientSection => ({ kind: 'bad', name, line, problem });
  if (defaultsProblem !== null) return bad(defaultsProblem);
  const [problem] = section.problems;
  if (problem !== undefined) return bad(iniError(document.file, problem));
  if (key.kind === 'bad') return bad(key.problem);
  const keyId = key.kind === 'key-id' ? key.keyId : null;
  const others = (owners.get(keyId ?? '') ?? []).filter((owner) => owner !== name);
  if (others.length > 0) return bad(sharedKey(options, others));
  try {
    options.expandAll();
    const settings = readSettings(name, keyId, options);
    const blob = readBlob(options, files);
    return { kind: 'client', name, line, settings, blob, written: comparable(settings, blob) };
  } catch (error) {
    if (!(error instanceof MandosError)) throw error;
    return bad(error);
  }
}

const MOST_NAMES = 5;

function sharedKey(options: OptionReader, others: readonly string[]): MandosError {
  const names = others.slice(0, MOST_NAMES).map((name) => JSON.stringify(name));
  const more = others.length > MOST_NAMES ? ` and ${others.length - MOST_NAMES} more` : '';
  return options.error('key_id', `the same key ID is in section ${names.join(', ')}${more}`);
}

function warnings(document: IniDocument, defaultsProblem: MandosError | null): string[] {
  const { file } = document;
  const found = document.lostHeaders.map(
    ({ name, line }) =>
      `${file}:${line}: perhaps meant as the header of section ${JSON.stringify(name)}, and not read as one`,
  );
  for (const line of document.linesCutShort) {
    found.push(`${file}:${line}: what follows the section header on its line is ignored`);
  }
  if (document.sections.length === 0) found.push(`${file}: there is no client in this file`);
  if (defaultsProblem !== null) {
    found.push(`${defaultsProblem.message}; no client is served until this is repaired`);
  }
  return found;
}
