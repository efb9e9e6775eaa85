import { ExitStatus, MandosError } from '../core/error.ts';
import { OpenPgpSecretKey, TlsPrivateKey } from '../core/secret.ts';
import type { TlsPolicy } from '../protocol/priority.ts';
import { armourLabel } from './armour-label.ts';
import type { KeyFiles } from './client-settings.ts';
import type { Platform, TlsEngines } from './platform.ts';

/** Larger than any key file. */
const LARGEST_KEY_FILE = 262_144;

/** What the key files hold, loaded. */
export interface ClientKeys extends Disposable {
  readonly tls: TlsEngines;
  readonly openPgp: OpenPgpSecretKey;
}

/**
 * Loads the client's keys. Only the private ones are used; the public ones must be there
 * and be what they should be, as with the original, so that a mix-up shows on the first
 * try and not on the day it matters (S2). The OpenPGP key is parsed later, by the opener.
 * @throws MandosError with exit status EX_UNAVAILABLE, as the original's
 */
export async function loadClientKeys(
  platform: Platform,
  files: KeyFiles,
  policy: TlsPolicy,
): Promise<ClientKeys> {
  let openPgp: OpenPgpSecretKey | null = null;
  try {
    openPgp = new OpenPgpSecretKey(await read(platform, files.seckey));
    using tlsKey = new TlsPrivateKey(await read(platform, files.tlsPrivkey));
    checkTlsPrivateKey(files.tlsPrivkey, tlsKey.bytes);
    await checkPublicKeys(platform, files);
    return keysOf(platform.tlsEngines(tlsKey, `'${files.tlsPrivkey}'`, policy), openPgp);
  } catch (error) {
    openPgp?.[Symbol.dispose]();
    throw asKeyTrouble(error);
  }
}

/** The same error with the exit status that the original has for every trouble with keys. */
export function asKeyTrouble(error: unknown, where = ''): unknown {
  if (!(error instanceof MandosError)) return error;
  return new MandosError(error.code, `${where}${error.message}`, {
    exitCode: ExitStatus.unavailable,
    hint: error.hint ?? 'mandos-keygen makes the four key files; see the options for their names',
    cause: error,
  });
}

function keysOf(tls: TlsEngines, openPgp: OpenPgpSecretKey): ClientKeys {
  return {
    tls,
    openPgp,
    [Symbol.dispose]() {
      tls[Symbol.dispose]();
      openPgp[Symbol.dispose]();
    },
  };
}

async function read(platform: Platform, path: string): Promise<Uint8Array> {
  return await platform.readFile(path, LARGEST_KEY_FILE);
}

/** OpenSSL does the rest; this is for errors that say what was mixed up. */
function checkTlsPrivateKey(path: string, bytes: Uint8Array): void {
  const kind = kindOf(bytes);
  if (kind.startsWith('PGP ') || kind === 'PUBLIC KEY' || kind === 'binary') {
    throw notThis(path, 'TLS private key', kind, '--tls-privkey');
  }
}

async function checkPublicKeys(platform: Platform, files: KeyFiles): Promise<void> {
  const tls = kindOf(await read(platform, files.tlsPubkey));
  if (tls !== 'PUBLIC KEY') throw notThis(files.tlsPubkey, 'TLS public key', tls, '--tls-pubkey');
  const openPgp = kindOf(await read(platform, files.pubkey));
  if (openPgp !== 'PGP PUBLIC KEY BLOCK' && openPgp !== 'binary') {
    throw notThis(files.pubkey, 'OpenPGP public key', openPgp, '--pubkey');
  }
}

/** The label of the file's armour, or what else it is. */
function kindOf(bytes: Uint8Array): string {
  const first = bytes[0] ?? 0;
  if (first >= 0x80) return isPublicKeyPacket(first) ? 'binary' : 'binary data';
  return armourLabel(bytes) ?? 'something else';
}

/** RFC 9580, section 4.2: packet type 6 in the new or the old format. */
function isPublicKeyPacket(tag: number): boolean {
  return (tag & 0x40) !== 0 ? (tag & 0x3f) === 6 : ((tag >> 2) & 0x0f) === 6;
}

function notThis(path: string, wanted: string, found: string, option: string): MandosError {
  return new MandosError('key-unusable', `'${path}' holds no ${wanted} but ${found}`, {
    hint: `check the option ${option}; mandos-keygen makes all four key files`,
  });
}
