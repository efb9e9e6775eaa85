/** Makes the client's OpenPGP key pair. */
import * as openpgp from 'openpgp';
import { OpenPgpSecretKey } from '../core/secret.ts';
import { armor } from './armor.ts';
import type { KeyLifetime } from './expiry.ts';
import { preferWhatGpgKnows } from './gpg-preferences.ts';
import type { KeyType } from './key-type.ts';
import { ownKeyConfig } from './own-key-config.ts';

export interface KeyWish {
  readonly type: KeyType;
  readonly subtype: KeyType;
  /** As `userId` writes it. */
  readonly userId: string;
  readonly lifetime: KeyLifetime;
  /** When the key is said to be made. */
  readonly now: Date;
}

export interface KeyFiles {
  /** The armoured `seckey.txt`, the caller's to dispose of. */
  readonly secretKey: OpenPgpSecretKey;
  /** The armoured `pubkey.txt`. */
  readonly publicKey: Uint8Array;
  readonly fingerprint: string;
}

/**
 * Makes a key pair without a passphrase: a primary key that signs and a subkey that
 * decrypts, in the formats that gpg 2.2 imports (version 4, legacy curve identifiers).
 * RSA-4096 takes seconds; the event loop stays free meanwhile.
 */
export async function generateKeyPair(wish: KeyWish): Promise<KeyFiles> {
  const config = ownKeyConfig();
  const { privateKey } = await openpgp.generateKey({
    // One text: the library's check of email addresses refuses some that gpg accepts.
    userIDs: { name: wish.userId },
    ...material(wish.type),
    subkeys: [material(wish.subtype)],
    keyExpirationTime: wish.lifetime,
    date: wish.now,
    format: 'object',
    config,
  });
  await preferWhatGpgKnows(privateKey, wish.now, config);
  const publicKey = privateKey.toPublic();
  const comment = new TextEncoder().encode(`Mandos client key for ${wish.userId}`);
  const secret = privateKey.write();
  try {
    return {
      secretKey: new OpenPgpSecretKey(armor('PGP PRIVATE KEY BLOCK', secret, comment)),
      publicKey: armor('PGP PUBLIC KEY BLOCK', publicKey.write(), comment),
      fingerprint: publicKey.getFingerprint().toUpperCase(),
    };
  } finally {
    secret.fill(0);
  }
}

type Material =
  | { readonly type: 'rsa'; readonly rsaBits: number }
  | { readonly type: 'ecc'; readonly curve: 'ed25519Legacy' };

/** `ed25519Legacy` stands for the curve; a subkey for decryption gets its X25519 form. */
function material(type: KeyType): Material {
  switch (type.kind) {
    case 'rsa':
      return { type: 'rsa', rsaBits: type.bits };
    case 'curve25519':
      return { type: 'ecc', curve: 'ed25519Legacy' };
  }
}
