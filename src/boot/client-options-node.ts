/**
 * The command line of mandos-client(8mandos). Not engine-neutral because the option reader
 * stands on `node:util`.
 */

import { BOOT_OPTIONS, bootProgram, DEBUG } from '../config/boot-program.ts';
import {
  asText,
  type Options,
  type OptionValues,
  value,
  values,
} from '../config/option-declaration.ts';
import { parseCommandLine } from '../config/options.ts';
import { seconds } from '../core/time.ts';
import { parsePriority } from '../protocol/priority.ts';
import { chooseInterfaces, parseDhBits, parseSeconds } from './client-option-values.ts';
import type { ClientSettings } from './client-settings.ts';
import { parseServerAddress } from './server-address.ts';

const KEY_DIRECTORY = '/conf/conf.d/mandos';
const DEFAULTS = {
  pubkey: `${KEY_DIRECTORY}/pubkey.txt`,
  seckey: `${KEY_DIRECTORY}/seckey.txt`,
  tlsPubkey: `${KEY_DIRECTORY}/tls-pubkey.pem`,
  tlsPrivkey: `${KEY_DIRECTORY}/tls-privkey.pem`,
  delay: 2.5,
  retry: 10,
  networkHookDirectory: '/lib/mandos/network-hooks.d',
} as const;

const file = { valueName: 'FILE', parse: asText } as const;

const OPTIONS = {
  connect: value({
    long: 'connect',
    short: 'c',
    valueName: 'ADDRESS:PORT',
    parse: parseServerAddress,
    description: 'ask this server instead of searching for servers by Zeroconf',
  }),
  server: values({
    long: 'server',
    valueName: 'ADDRESS:PORT',
    parse: parseServerAddress,
    description: 'ask this server besides those that are found; may be repeated',
  }),
  interface: values({
    long: 'interface',
    short: 'i',
    valueName: 'NAME[,NAME...]',
    parse: asText,
    description:
      'network interfaces to use; "none" after some: bring up only those before it (default: all fit ones)',
  }),
  pubkey: value({
    long: 'pubkey',
    short: 'p',
    ...file,
    description: `OpenPGP public key (default: ${DEFAULTS.pubkey})`,
  }),
  seckey: value({
    long: 'seckey',
    short: 's',
    ...file,
    description: `OpenPGP secret key, which opens the blob (default: ${DEFAULTS.seckey})`,
  }),
  tlsPubkey: value({
    long: 'tls-pubkey',
    short: 'T',
    ...file,
    description: `TLS public key (default: ${DEFAULTS.tlsPubkey})`,
  }),
  tlsPrivkey: value({
    long: 'tls-privkey',
    short: 't',
    ...file,
    description: `TLS private key, by which servers know this client (default: ${DEFAULTS.tlsPrivkey})`,
  }),
  priority: value({
    long: 'priority',
    valueName: 'STRING',
    parse: parsePriority,
    description: 'what TLS may use, as a GnuTLS priority string',
  }),
  dhBits: value({
    long: 'dh-bits',
    valueName: 'BITS',
    parse: parseDhBits,
    description: 'without effect: TLS 1.3 has fixed Diffie-Hellman groups',
  }),
  dhParams: value({
    long: 'dh-params',
    ...file,
    description: 'without effect: TLS 1.3 has fixed Diffie-Hellman groups',
  }),
  delay: value({
    long: 'delay',
    valueName: 'SECONDS',
    parse: parseSeconds,
    description: `the longest wait for a network interface to come up (default: ${DEFAULTS.delay})`,
  }),
  retry: value({
    long: 'retry',
    valueName: 'SECONDS',
    parse: parseSeconds,
    description: `how long until a server is asked again (default: ${DEFAULTS.retry})`,
  }),
  networkHookDir: value({
    long: 'network-hook-dir',
    valueName: 'DIR',
    parse: asText,
    description: `where network hooks are (default: ${DEFAULTS.networkHookDirectory})`,
  }),
  debug: DEBUG,
  ...BOOT_OPTIONS,
} satisfies Options;

const PROGRAM = bootProgram({
  name: 'mandos-client',
  purpose:
    'Gets this machine’s disk password from a Mandos server, decrypts it and writes it to standard output.',
  options: OPTIONS,
});

export type ClientJob =
  | { readonly kind: 'run'; readonly settings: ClientSettings }
  /** To be written to standard output. */
  | { readonly kind: 'print'; readonly text: string };

/** @throws MandosError `usage` */
export function readClientJob(args: readonly string[]): ClientJob {
  const line = parseCommandLine(PROGRAM, args);
  if (line.kind === 'print') return line;
  return { kind: 'run', settings: settingsOf(line.values) };
}

function settingsOf(given: OptionValues<typeof OPTIONS>): ClientSettings {
  return {
    connect: given.connect ?? null,
    servers: given.server,
    interfaces: chooseInterfaces(given.interface),
    keyFiles: {
      pubkey: given.pubkey ?? DEFAULTS.pubkey,
      seckey: given.seckey ?? DEFAULTS.seckey,
      tlsPubkey: given.tlsPubkey ?? DEFAULTS.tlsPubkey,
      tlsPrivkey: given.tlsPrivkey ?? DEFAULTS.tlsPrivkey,
    },
    tlsPolicy: given.priority ?? { kind: 'default' },
    dh: { bits: given.dhBits ?? null, parametersFile: given.dhParams ?? null },
    delay: given.delay ?? seconds(DEFAULTS.delay),
    retry: given.retry ?? seconds(DEFAULTS.retry),
    networkHookDirectory: given.networkHookDir ?? DEFAULTS.networkHookDirectory,
    debug: given.debug,
  };
}
