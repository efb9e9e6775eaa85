/** Reads the file that holds a client's OpenPGP secret key (`seckey.txt`). */
import * as openpgp from 'openpgp';
import { MandosError } from '../core/error.ts';
import { OpenPgpSecretKey } from '../core/secret.ts';
import { unarmor } from './armor.ts';
import { ownKeyConfig } from './own-key-config.ts';

/** Larger than any key: RSA-8192 with a subkey takes 12 kB. */
const LARGEST_KEY_FILE = 256 * 1024;

const MAKE_KEY_HINT = 'make a key with mandos-keygen';

/**
 * The client's own OpenPGP key, ready for use: it has a secret part without a passphrase.
 * Made by `readSecretKey` only.
 */
export class OwnKey implements Disposable {
  #keys: readonly openpgp.PrivateKey[];
  readonly #packets: Uint8Array;

  /** `packets` is what `keys` were read from; they mostly go on using its memory. */
  constructor(packets: Uint8Array, keys: readonly openpgp.PrivateKey[]) {
    this.#packets = packets;
    this.#keys = keys;
  }

  static is(value: unknown): value is OwnKey {
    return typeof value === 'object' && value !== null && #keys in value;
  }

  /**
   * For the modules of this folder; a key file may hold more than one key, and the first is
   * the client's. Throws `TypeError` once disposed of.
   */
  get keys(): readonly openpgp.PrivateKey[] {
    if (this.#keys.length === 0) throw new TypeError('an own key was used after it was wiped');
    return this.#keys;
  }

  /** The primary key's fingerprint in upper-case hexadecimal, as in clients.conf. */
  get fingerprint(): string {
    return this.keys[0]?.getFingerprint().toUpperCase() ?? '';
  }

  /** Overwrites the secret parts. Harmless when repeated. */
  [Symbol.dispose](): void {
    this.#packets.fill(0);
    // Numbers of elliptic curves the library has copied.
    for (const key of this.#keys) clearNumbers(key);
    this.#keys = [];
  }

  /** Never the content (S4). */
  toString(): string {
    return '[OwnKey]';
  }

  toJSON(): string {
    return this.toString();
  }
}

/** A method that the types of OpenPGP.js leave out. */
function clearNumbers(key: object): void {
  if ('clearPrivateParams' in key && typeof key.clearPrivateParams === 'function') {
    key.clearPrivateParams();
  }
}

/**
 * Reads a key file, armoured or binary.
 *
 * Throws `MandosError` `key-unusable` for anything but an OpenPGP secret key without a
 * passphrase; the message says what was found instead (S2).
 */
export async function readSecretKey(file: OpenPgpSecretKey): Promise<OwnKey> {
  // A caller in plain JavaScript may hand in anything; the type alone would not stop it (S2).
  if (!OpenPgpSecretKey.is(file)) throw unusable('what was given is not an OpenPGP secret key');
  const packets = packetsOf(file.bytes);
  try {
    return new OwnKey(packets, await parse(packets));
  } catch (error) {
    packets.fill(0);
    throw error;
  }
}

/** The key's packets in memory of their own. */
function packetsOf(file: Uint8Array): Uint8Array {
  if (file.length === 0) throw unusable('the OpenPGP key file is empty');
  if (file.length > LARGEST_KEY_FILE) throw unusable('the OpenPGP key file is too large');
  const unarmored = unarmor(file);
  switch (unarmored.kind) {
    case 'binary':
      return new Uint8Array(file);
    case 'armored':
      checkLabel(unarmored.label);
      return unarmored.body;
    case 'pem':
      throw unusable(
        `not an OpenPGP secret key: the file holds a PEM '${unarmored.label}'`,
        'a TLS key file (tls-privkey.pem) cannot serve as the OpenPGP key (seckey.txt)',
      );
    case 'malformed':
      throw unusable('not an OpenPGP secret key: the file has no intact armour');
  }
}

function checkLabel(label: string): void {
  if (label === 'PGP PRIVATE KEY BLOCK') return;
  if (label === 'PGP PUBLIC KEY BLOCK') {
    throw unusable(
      'not an OpenPGP secret key: the file holds a public key',
      'the secret key is in seckey.txt',
    );
  }
  throw unusable(`not an OpenPGP secret key: the file holds a '${label}'`);
}

async function parse(packets: Uint8Array): Promise<openpgp.PrivateKey[]> {
  let keys: openpgp.PrivateKey[];
  try {
    keys = await openpgp.readPrivateKeys({ binaryKeys: packets, config: ownKeyConfig() });
  } catch (cause) {
    throw new MandosError('key-unusable', 'the OpenPGP key file holds no usable secret key', {
      hint: MAKE_KEY_HINT,
      cause,
    });
  }
  if (keys.length === 0) throw unusable('the OpenPGP key file holds no secret key');
  if (!keys.every((key) => key.isDecrypted())) {
    throw unusable(
      'the OpenPGP secret key is protected by a passphrase',
      'nobody is there to type it at boot; make a key without one with mandos-keygen',
    );
  }
  return keys;
}

function unusable(message: string, hint = MAKE_KEY_HINT): MandosError {
  return new MandosError('key-unusable', message, { hint });
}
