import {
  action,
  asText,
  flag,
  type OptionValues,
  type ProgramDeclaration,
  value,
} from '../../config/option-declaration.ts';
import { parseCommandLine } from '../../config/options.ts';
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
};

function keygenProgram(version: string): ProgramDeclaration<typeof OPTIONS> {
  return {
    name: 'mandos-keygen',
    version,
    purpose:
      "Makes a Mandos client's keys, or with --password or --passfile seals a password for it " +
      'and writes the section for clients.conf on the server.',
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

/** Whoever asks for a curve and says nothing of the subkey does not want RSA in it. */
function keyTypes(options: OptionValues<typeof OPTIONS>): { type: KeyType; subtype: KeyType } {
  const type = parseKeyType('key', options.type ?? 'RSA', options.length);
  const wanted = options.subtype ?? (type.kind === 'curve25519' ? 'cv25519' : 'RSA');
  return { type, subtype: parseKeyType('subkey', wanted, options.sublength) };
}
