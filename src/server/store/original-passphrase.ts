/** How the original turns the secret in clients.conf into the key of a stored secret. */
import { createHash } from 'node:crypto';
import { concat } from '../../core/bytes.ts';
import { wipeableBytes } from '../../core/wipeable-bytes.ts';

/** RFC 9580, section 3.7.1.3: salted and repeated until `octets` went into the hash. */
export interface IteratedS2k {
  readonly hash: 'sha1' | 'sha256' | 'sha384' | 'sha512' | 'sha224';
  readonly salt: Uint8Array;
  readonly octets: number;
}

/** gpg takes no longer ones. */
const LONGEST_IN_HEX = 2048;
const PREFIX = Buffer.from('mandos');

/**
 * "mandos" and the hexadecimal digits of the secret; of a long secret the bytes themselves, with
 * what may not be in a passphrase escaped. The caller's to wipe.
 */
export function originalPassphrase(configured: Uint8Array): Uint8Array {
  if (PREFIX.length + configured.length * 2 <= LONGEST_IN_HEX) {
    return escaped(configured, (byte) => HEX[byte]);
  }
  return escaped(configured, (byte) => ESCAPES.get(byte));
}

const HEX = Array.from({ length: 256 }, (_, byte) =>
  Buffer.from(byte.toString(16).padStart(2, '0')),
);

const ESCAPES: ReadonlyMap<number, Buffer> = new Map([
  [0x5c, Buffer.from('\\\\')],
  [0x0a, Buffer.from('\\n')],
  [0x00, Buffer.from('\\x00')],
]);

function escaped(secret: Uint8Array, spelling: (byte: number) => Buffer | undefined): Uint8Array {
  let length = PREFIX.length;
  for (const byte of secret) length += spelling(byte)?.length ?? 1;
  const passphrase = wipeableBytes(length);
  passphrase.set(PREFIX);
  let at = PREFIX.length;
  for (const byte of secret) {
    const replacement = spelling(byte);
    if (replacement === undefined) passphrase[at++] = byte;
    else {
      passphrase.set(replacement, at);
      at += replacement.length;
    }
  }
  return passphrase;
}

/** How much is hashed at a time. */
const BLOCK = 1 << 16;

/** A key of `length` bytes; the caller's to wipe. */
export function derivedKey(
  { hash, salt, octets }: IteratedS2k,
  passphrase: Uint8Array,
  length: number,
): Uint8Array {
  const once = salt.length + passphrase.length;
  const block = wipeableBytes(once * Math.max(1, Math.floor(BLOCK / once)));
  for (let at = 0; at < block.length; at += once) {
    block.set(salt, at);
    block.set(passphrase, at + salt.length);
  }
  try {
    const digests: Uint8Array[] = [];
    for (let done = 0, zeros = 0; done < length; zeros++) {
      const context = createHash(hash).update(Buffer.alloc(zeros));
      let left = Math.max(octets, once);
      for (; left > block.length; left -= block.length) context.update(block);
      const digest = context.update(block.subarray(0, left)).digest();
      digests.push(digest);
      done += digest.length;
    }
    const all = concat(digests);
    const key = wipeableBytes(length);
    key.set(all.subarray(0, length));
    for (const digest of [...digests, all]) digest.fill(0);
    return key;
  } finally {
    block.fill(0);
  }
}
