import {
  action,
  asText,
  flag,
  type OptionValues,
  type ProgramDeclaration,
  value,
  values,
} from '../../config/option-declaration.ts';
import { misuse, parseCommandLine } from '../../config/options.ts';
import { ExitStatus } from '../../core/error.ts';
import { type KeyLifetime, parseExpiry } from '../../openpgp/expiry.ts';
import { type KeyType, parseKeyType } from '../../openpgp/key-type.ts';
import type { Existing } from './key-directory.ts';
import { parseTlsKeyType, type TlsKeyType } from './tls-key-type.ts';

/** What one call of mandos-keygen is to do. */
export type KeygenJob =
  | { readonly kind: 'print'; readonly text: string }
  | {
      readonly kind: 'make-keys';
      readonly directory: string;
      readonly name: string | undefined;
      readonly email: string;
      readonly comment: string;
      readonly type: KeyType;
      readonly subtype: KeyType;
      readonly lifetime: KeyLifetime;
      readonly tlsType: TlsKeyType;
      readonly existing: Existing;
    }
  | {
      readonly kind: 'seal';
      readonly directory: string;
      readonly name: string | undefined;
      /** A path or `-` for standard input; undefined to ask for the password. */
      readonly passwordFile: string | undefined;
      readonly ssh: boolean;
    }
  | {
      readonly kind: 'rehearse';
      readonly directory: string;
      /** The encrypted disk to try the password on. */
      readonly device: string | undefined;
      /** Servers and seconds as they were written. */
      readonly connect: string | undefined;
      readonly servers: readonly string[];
      readonly wait: string | undefined;
    };

const DEFAULT_DIRECTORY = '/etc/keys/mandos';

const OPTIONS = {
  version: action('version', {
    long: 'version',
    short: 'v',
    description: 'show the version and exit',
  }),
  help: action('help', { long: 'help', short: 'h', description: 'show this help and exit' }),
  dir: value({
    long: 'dir',
    short: 'd',
    valueName: 'DIRECTORY',
    parse: asText,
    description: `where the key files are (default: ${DEFAULT_DIRECTORY})`,
  }),
  type: value({
    long: 'type',
    short: 't',
    valueName: 'TYPE',
    parse: asText,
    description: 'type of the OpenPGP key: RSA or ed25519 (default: RSA)',
  }),
  length: value({
    long: 'length',
    short: 'l',
    valueName: 'BITS',
    parse: asText,
    description: 'length of the OpenPGP key (default: 4096)',
  }),
  subtype: value({
    long: 'subtype',
    short: 's',
    valueName: 'TYPE',
    parse: asText,
    description: 'type of the OpenPGP subkey: RSA or cv25519 (default: as the key)',
  }),
  sublength: value({
    long: 'sublength',
    short: 'L',
    valueName: 'BITS',
    parse: asText,
    description: 'length of the OpenPGP subkey (default: 4096)',
  }),
  name: value({
    long: 'name',
    short: 'n',
    valueName: 'NAME',
    parse: asText,
    description: 'name of the key and of the client (default: the full host name)',
  }),
  email: value({
    long: 'email',
    short: 'e',
    valueName: 'ADDRESS',
    parse: asText,
    description: 'email address of the OpenPGP key (default: none)',
  }),
  comment: value({
    long: 'comment',
    short: 'c',
    valueName: 'TEXT',
    parse: asText,
    description: 'comment of the OpenPGP key (default: none)',
  }),
  expire: value({
    long: 'expire',
    short: 'x',
    valueName: 'TIME',
    parse: asText,
    description: 'when the OpenPGP key expires, as gpg writes it: 2y, 2030-12-31 (default: never)',
  }),
  tlsKeytype: value({
    long: 'tls-keytype',
    short: 'T',
    valueName: 'TYPE',
    parse: asText,
    description: 'type of the TLS key: ed25519, ed448, ecdsa, rsa, rsa-pss (default: ed25519)',
  }),
  force: flag({
    long: 'force',
    short: 'f',
    description: 'replace keys that are there; they are kept as numbered backups',
  }),
  password: flag({
    long: 'password',
    short: 'p',
    description: 'make no keys: ask for a password and write a section for clients.conf',
  }),
  passfile: value({
    long: 'passfile',
    short: 'F',
    valueName: 'FILE',
    parse: asText,
    description: 'as --password, with the bytes of a file as the password',
  }),
  noSsh: flag({
    long: 'no-ssh',
    short: 'S',
    description: 'with --password or --passfile: no checker by SSH host key',
  }),
  test: flag({
    long: 'test',
    unabbreviated: true,
    description: 'make nothing: get the password from the servers now, as the next boot will',
  }),
  device: value({
    long: 'device',
    unabbreviated: true,
    valueName: 'DEVICE',
    parse: asText,
    description: 'with --test: see whether the password opens this encrypted disk',
  }),
  connect: value({
    long: 'connect',
    unabbreviated: true,
    valueName: 'ADDRESS:PORT',
    parse: asText,
    description: 'with --test: ask this server instead of searching by Zeroconf',
  }),
  server: values({
    long: 'server',
    unabbreviated: true,
    valueName: 'ADDRESS:PORT',
    parse: asText,
    description: 'with --test: ask this server besides those that are found; may be repeated',
  }),
  wait: value({
    long: 'wait',
    unabbreviated: true,
    valueName: 'SECONDS',
    parse: asText,
    description: 'with --test: how long to wait for a password (default: 30)',
  }),
};

/** The command line of mandos-keygen, declared. */
export function keygenProgram(version: string): ProgramDeclaration<typeof OPTIONS> {
  return {
    name: 'mandos-keygen',
    version,
    purpose:
      "Makes a Mandos client's keys; or with --password or --passfile seals a password for it " +
      'and writes the section for clients.conf on the server; or with --test tries whether ' +
      'the next boot will get that password.',
    habits: 'getopt',
    // The original's; scripts may look at it.
    misuseStatus: ExitStatus.failure,
    options: OPTIONS,
  };
}

/**
 * Reads the command line of mandos-keygen(8). Throws `MandosError` `usage`. Options that the
 * job does not need are not looked at, as the manual says.
 */
export function readKeygenJob(args: readonly string[], version: string, now: Date): KeygenJob {
  const commandLine = parseCommandLine(keygenProgram(version), args);
  if (commandLine.kind === 'print') return commandLine;
  const options = commandLine.values;
  const directory = options.dir ?? DEFAULT_DIRECTORY;
  const { name } = options;
  if (options.test) return rehearsal(directory, options);
  refuseWithoutTest(options);
  if (options.passfile !== undefined || options.password) {
    const passwordFile = options.passfile;
    return { kind: 'seal', directory, name, passwordFile, ssh: !options.noSsh };
  }
  return {
    kind: 'make-keys',
    directory,
    name,
    email: options.email ?? '',
    comment: options.comment ?? '',
    ...keyTypes(options),
    lifetime: parseExpiry(options.expire ?? '', now),
    tlsType: parseTlsKeyType(options.tlsKeytype ?? 'ed25519'),
    existing: options.force ? 'back-up' : 'refuse',
  };
}

type Given = OptionValues<typeof OPTIONS>;

/** It makes nothing, so whoever asks for something to be made as well means something else. */
function rehearsal(directory: string, given: Given): KeygenJob {
  const { device, connect, server, wait } = given;
  for (const name of ['password', 'passfile', 'force'] as const) {
    if (given[name] !== undefined && given[name] !== false) {
      throw misuse(keygenProgram(''), `--test and --${name} cannot go together`);
    }
  }
  return { kind: 'rehearse', directory, device, connect, servers: server, wait };
}

/** Keys made by somebody who wanted to try a disk would be a nasty surprise. */
function refuseWithoutTest({ device, connect, server, wait }: Given): void {
  const given = { device, connect, server: server[0], wait };
  for (const [name, value] of Object.entries(given)) {
    if (value === undefined) continue;
    throw misuse(keygenProgram(''), `--${name} goes with --test`);
  }
}

/** Whoever asks for a curve and says nothing of the subkey does not want RSA in it. */
function keyTypes(options: Given): { type: KeyType; subtype: KeyType } {
  const type = parseKeyType('key', options.type ?? 'RSA', options.length);
  const wanted = options.subtype ?? (type.kind === 'curve25519' ? 'cv25519' : 'RSA');
  return { type, subtype: parseKeyType('subkey', wanted, options.sublength) };
}
