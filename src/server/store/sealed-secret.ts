/**
 * A secret that was set over D-Bus, as it is stored: under a key that comes from the client's
 * secret in clients.conf, so that the state alone tells no secret; the original does the same.
 *
 *     1 | salt (32) | nonce (12) | AES-256-GCM of the secret | tag (16)
 *     2 | what the original stored: OpenPGP, symmetric (see original-secret.ts)
 */

import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';
import { concat } from '../../core/bytes.ts';
import { Blob } from '../../core/secret.ts';
import { wipeableCopy } from '../../core/wipeable-bytes.ts';

const OWN = 1;
const ORIGINAL = 2;
const SALT = 32;
const NONCE = 12;
const TAG = 16;

/** What seals and opens the stored secrets of one client. Holds no secret of clients.conf. */
export class SealingKey implements Disposable {
  readonly #key: Uint8Array;

  private constructor(key: Uint8Array) {
    this.#key = key;
  }

  /** @param configured the client's secret in clients.conf; stays the caller's */
  static from(configured: Blob): SealingKey {
    const info = 'mandos: sealing of stored secrets';
    return new SealingKey(
      new Uint8Array(hkdfSync('sha256', configured.bytes, new Uint8Array(0), info, 32)),
    );
  }

  seal(name: string, secret: Blob): Uint8Array {
    const salt = randomBytes(SALT);
    const nonce = randomBytes(NONCE);
    const key = this.#messageKey(name, salt);
    try {
      const cipher = createCipheriv('aes-256-gcm', key, nonce, { authTagLength: TAG });
      const sealed = concat([cipher.update(secret.bytes), cipher.final()]);
      return concat([Uint8Array.of(OWN), salt, nonce, sealed, cipher.getAuthTag()]);
    } finally {
      key.fill(0);
    }
  }

  /** The secret that was sealed for this name with this key; null when it was not. */
  open(name: string, sealed: Uint8Array): Blob | null {
    if (sealed[0] !== OWN || sealed.length < 1 + SALT + NONCE + TAG) return null;
    const nonceAt = 1 + SALT;
    const bodyAt = nonceAt + NONCE;
    const tagAt = sealed.length - TAG;
    const key = this.#messageKey(name, sealed.subarray(1, nonceAt));
    try {
      const nonce = sealed.subarray(nonceAt, bodyAt);
      const decipher = createDecipheriv('aes-256-gcm', key, nonce, { authTagLength: TAG });
      decipher.setAuthTag(sealed.subarray(tagAt));
      const opened = decipher.update(sealed.subarray(bodyAt, tagAt));
      try {
        decipher.final();
        return new Blob(wipeableCopy(opened));
      } catch {
        return null;
      } finally {
        opened.fill(0);
      }
    } finally {
      key.fill(0);
    }
  }

  [Symbol.dispose](): void {
    this.#key.fill(0);
  }

  #messageKey(name: string, salt: Uint8Array): Uint8Array {
    return new Uint8Array(
      hkdfSync('sha256', this.#key, salt, `client ${JSON.stringify(name)}`, 32),
    );
  }
}

/** Keeps what the original stored, until its client is served again. */
export function keepOriginal(message: Uint8Array): Uint8Array {
  return concat([Uint8Array.of(ORIGINAL), message]);
}

/** What the original stored, if that is what this is. */
export function originalMessage(sealed: Uint8Array): Uint8Array | null {
  return sealed[0] === ORIGINAL ? sealed.subarray(1) : null;
}
