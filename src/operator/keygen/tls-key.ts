/** The TLS key that identifies a client: its making, and its key ID. */

import { createHash, generateKeyPair, type KeyObject } from 'node:crypto';
import { promisify } from 'node:util';
import { type KeyId, parseKeyId } from '../../core/key-id.ts';
import { TlsPrivateKey } from '../../core/secret.ts';
import { wipeableCopy } from '../../core/wipeable-bytes.ts';
import type { TlsKeyType } from './tls-key-type.ts';

export interface TlsKeyFiles {
  /** `tls-privkey.pem`: PKCS #8, the caller's to dispose of. */
  readonly privateKey: TlsPrivateKey;
  /** `tls-pubkey.pem`: SubjectPublicKeyInfo. */
  readonly publicKey: Uint8Array;
  readonly keyId: KeyId;
}

/**
 * About the strength of Ed25519. The original makes RSA keys of 8192 bits, which take a
 * minute to make and at every boot to sign with, for no attack that is in sight.
 */
const RSA_BITS = 4096;

/** What certtool makes at its highest security level. */
const ECDSA_CURVE = 'P-384';

const generate = promisify(generateKeyPair);

/** Makes a key pair. Takes seconds for RSA; the event loop stays free meanwhile. */
export async function generateTlsKey(type: TlsKeyType): Promise<TlsKeyFiles> {
  const { privateKey, publicKey } = await generateObjects(type);
  const pem = privateKey.export({ format: 'pem', type: 'pkcs8' });
  const bytes = Buffer.from(pem);
  return {
    // `Buffer.from` takes short texts from a shared pool, which is not ours to overwrite.
    privateKey: new TlsPrivateKey(ownCopy(bytes)),
    publicKey: new Uint8Array(Buffer.from(publicKey.export({ format: 'pem', type: 'spki' }))),
    keyId: keyIdOf(publicKey),
  };
}

/** The key ID of a public key: the SHA-256 of its SubjectPublicKeyInfo. */
export function keyIdOf(publicKey: KeyObject): KeyId {
  const der = publicKey.export({ format: 'der', type: 'spki' });
  const result = parseKeyId(createHash('sha256').update(der).digest('hex'));
  if (result.kind !== 'key-id') throw new TypeError('a SHA-256 that is no key ID');
  return result.keyId;
}

async function generateObjects(
  type: TlsKeyType,
): Promise<{ privateKey: KeyObject; publicKey: KeyObject }> {
  switch (type) {
    case 'ed25519':
      return await generate('ed25519');
    case 'ed448':
      return await generate('ed448');
    case 'ecdsa':
      return await generate('ec', { namedCurve: ECDSA_CURVE });
    case 'rsa':
      return await generate('rsa', { modulusLength: RSA_BITS });
    case 'rsa-pss':
      return await generate('rsa-pss', { modulusLength: RSA_BITS });
  }
}

function ownCopy(pooled: Buffer): Uint8Array {
  const own = wipeableCopy(pooled);
  pooled.fill(0);
  return own;
}
