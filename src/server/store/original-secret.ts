/**
 * A secret as the original stores it: an OpenPGP message, encrypted to a passphrase that comes
 * from the secret in clients.conf. The library takes passphrases as text only, and the
 * original's need not be one; so the key is made of it here.
 */
import { randomBytes } from 'node:crypto';
import { concat } from '../../core/bytes.ts';
import { Blob } from '../../core/secret.ts';
import { wipeableCopy } from '../../core/wipeable-bytes.ts';
import { derivedKey, type IteratedS2k, originalPassphrase } from './original-passphrase.ts';

/** Larger than any secret that is served. */
const LARGEST = 4 * 1024 * 1024;

/**
 * The secret in a message of the original's. Null when it was stored under another
 * secret than `configured`, or is damaged.
 */
export async function openOriginalSecret(
  message: Uint8Array,
  configured: Blob,
): Promise<Blob | null> {
  const lock = readLock(message);
  if (lock === null) return null;
  // Only here, and hardly ever: the library is larger than all the rest of the server.
  const openpgp = await import('openpgp');
  const config = { ...openpgp.config, maxDecompressedMessageSize: LARGEST };
  const key = keyOf(lock, configured);
  try {
    const { data } = await openpgp.decrypt({
      message: await openpgp.readMessage({ binaryMessage: message, config }),
      sessionKeys: { data: key, algorithm: lock.cipher.name },
      format: 'binary',
      config,
    });
    try {
      return new Blob(wipeableCopy(data));
    } finally {
      data.fill(0);
    }
  } catch {
    return null;
  } finally {
    key.fill(0);
  }
}

/** The message that the original would store for `secret`. Both stay the caller's. */
export async function sealOriginalSecret(secret: Blob, configured: Blob): Promise<Uint8Array> {
  const openpgp = await import('openpgp');
  const salt = randomBytes(SALT);
  const head = Uint8Array.of(...HEAD, AES256, ITERATED, SHA256, ...salt, COUNT);
  const key = keyOf({ cipher: CIPHERS[AES256], s2k: s2kOf('sha256', salt, COUNT) }, configured);
  try {
    const message = await openpgp.createMessage({ binary: secret.bytes });
    const sessionKey = { data: key, algorithm: CIPHERS[AES256].name };
    const body = await openpgp.encrypt({ message, sessionKey, format: 'binary' });
    return concat([head, body]);
  } finally {
    key.fill(0);
  }
}

/** A packet of type 3 with a body of 13 bytes, version 4 (RFC 9580, section 5.3.1). */
const HEAD = [0x8c, 13, 4];
const ITERATED = 3;
const SALT = 8;
const SHA256 = 8;
const AES256 = 9;
/** 65,536 octets: the passphrase is no person's. */
const COUNT = 96;

const CIPHERS = {
  7: { name: 'aes128', length: 16 },
  8: { name: 'aes192', length: 24 },
  [AES256]: { name: 'aes256', length: 32 },
} as const;

const HASHES: Readonly<Record<number, IteratedS2k['hash']>> = {
  ...{ 2: 'sha1', [SHA256]: 'sha256', 9: 'sha384', 10: 'sha512', 11: 'sha224' },
};

/** How the key of a message is made. */
interface Lock {
  readonly cipher: (typeof CIPHERS)[keyof typeof CIPHERS];
  readonly s2k: IteratedS2k;
}

/** Of the first packet, as gpg writes it; null when it is anything else. */
function readLock(message: Uint8Array): Lock | null {
  if (!HEAD.every((byte, index) => message[index] === byte)) return null;
  const [cipher, type, hashId = 0, ...rest] = message.subarray(HEAD.length, HEAD.length + 12);
  const hash = HASHES[hashId];
  const count = rest[SALT];
  const known = cipher === 7 || cipher === 8 || cipher === AES256;
  if (!known || type !== ITERATED || hash === undefined || count === undefined) return null;
  const s2k = s2kOf(hash, Uint8Array.from(rest.slice(0, SALT)), count);
  return { cipher: CIPHERS[cipher], s2k };
}

function s2kOf(hash: IteratedS2k['hash'], salt: Uint8Array, count: number): IteratedS2k {
  return { hash, salt, octets: (16 + (count & 15)) << ((count >> 4) + 6) };
}

function keyOf({ cipher, s2k }: Lock, configured: Blob): Uint8Array {
  const passphrase = originalPassphrase(configured.bytes);
  try {
    return derivedKey(s2k, passphrase, cipher.length);
  } finally {
    passphrase.fill(0);
  }
}
