/** Seals a password into the blob that goes into the server's clients.conf. */
import * as openpgp from 'openpgp';
import { MandosError } from '../core/error.ts';
import { Blob, LARGEST_BLOB, Password } from '../core/secret.ts';
import { ownKeyConfig } from './own-key-config.ts';
import type { OwnKey } from './secret-key.ts';

/**
 * Signs `password` with the client's own key and encrypts it to the same key, as
 * gpg --sign --encrypt does and gpg 2.2 and the original client open it: binary, with
 * integrity check, without AEAD and compression.
 *
 * `now` dates the signature. Throws `MandosError`: `key-unusable` when the key has expired
 * or cannot sign or encrypt, `unsupported` when the password is too long for a blob. The
 * password stays the caller's to dispose of.
 */
export async function sealPassword(password: Password, key: OwnKey, now: Date): Promise<Blob> {
  if (!Password.is(password)) throw new TypeError('only a password can be sealed');
  const [own] = key.keys;
  if (own === undefined) throw new MandosError('key-unusable', 'there is no key to seal with');
  const date = notBefore(own, now);
  await refuseExpired(own, date);
  const bytes = await encrypt(password, own, date);
  if (bytes.length > LARGEST_BLOB) {
    throw new MandosError('unsupported', 'the password is too long to be sealed', {
      hint: `a sealed password may have ${LARGEST_BLOB} bytes`,
    });
  }
  return new Blob(bytes);
}

async function encrypt(
  password: Password,
  own: openpgp.PrivateKey,
  date: Date,
): Promise<Uint8Array> {
  const config = ownKeyConfig();
  const message = await openpgp.createMessage({ binary: password.bytes, date });
  try {
    return await openpgp.encrypt({
      message,
      encryptionKeys: own,
      signingKeys: own,
      format: 'binary',
      date,
      config,
    });
  } catch (cause) {
    throw new MandosError('key-unusable', 'the OpenPGP key cannot sign and encrypt', {
      hint: 'make a new key with mandos-keygen --force',
      cause,
    });
  }
}

/** A clock behind the key's birth would make a signature that nobody accepts. */
function notBefore(own: openpgp.PrivateKey, now: Date): Date {
  const born = [own, ...own.subkeys].map((each) => each.getCreationTime().getTime());
  return new Date(Math.max(now.getTime(), ...born));
}

async function refuseExpired(own: openpgp.PrivateKey, date: Date): Promise<void> {
  const expiry = await own.getExpirationTime(undefined, ownKeyConfig());
  if (expiry instanceof Date && expiry <= date) {
    throw new MandosError(
      'key-unusable',
      `the OpenPGP key expired on ${expiry.toISOString().slice(0, 10)}`,
      { hint: 'make a new key with mandos-keygen --force' },
    );
  }
}
