import { OpenPgpSecretKey } from '../../src/core/secret.ts';
import { generateKeyPair } from '../../src/openpgp/generate.ts';
import type { KeyType } from '../../src/openpgp/key-type.ts';
import { type OwnKey, readSecretKey } from '../../src/openpgp/secret-key.ts';

/** The armoured key files of a client, as mandos-keygen makes them. */
export interface OwnKeyFiles {
  readonly secretKey: Uint8Array;
  readonly publicKey: Uint8Array;
  readonly fingerprint: string;
}

/** A new key that takes no time to make, unless told otherwise. */
export async function makeOwnKey(type: KeyType = { kind: 'curve25519' }): Promise<OwnKeyFiles> {
  const made = await generateKeyPair({
    type,
    subtype: type,
    userId: 'test client',
    lifetime: 0,
    now: new Date('2026-01-01T00:00:00Z'),
  });
  return {
    secretKey: made.secretKey.bytes,
    publicKey: made.publicKey,
    fingerprint: made.fingerprint,
  };
}

/** Reads key files; the bytes given are left alone. */
export async function asOwnKey(files: Pick<OwnKeyFiles, 'secretKey'>): Promise<OwnKey> {
  using file = new OpenPgpSecretKey(new Uint8Array(files.secretKey));
  return await readSecretKey(file);
}
