/** The first job of mandos-keygen: a client's new keys. */
import { type Cancellation, orCancelled } from '../../core/cancellation.ts';
import type { KeyId } from '../../core/key-id.ts';
import { generateKeyPair, type KeyWish } from '../../openpgp/generate.ts';
import { ensurePrivateDirectory } from '../../system/private-file.ts';
import { type Existing, installKeys, refuseExistingKeys } from './key-directory.ts';
import { generateTlsKey } from './tls-key.ts';
import type { TlsKeyType } from './tls-key-type.ts';

export interface KeysWish {
  readonly directory: string;
  readonly openPgp: KeyWish;
  readonly tlsType: TlsKeyType;
  readonly existing: Existing;
}

export interface MadeKeys {
  readonly keyId: KeyId;
  readonly fingerprint: string;
}

/** Shows that something goes on until the promise is settled. */
export type Watch = <T>(what: string, work: Promise<T>) => Promise<T>;

/**
 * Makes an OpenPGP and a TLS key pair and puts their four files into the directory. Nothing
 * is written before all of it is made. Throws `MandosError`: `file-exists`,
 * `file-unwritable`; and the signal's reason when that is aborted.
 */
export async function makeKeys(
  wish: KeysWish,
  watch: Watch,
  signal: Cancellation,
): Promise<MadeKeys> {
  ensurePrivateDirectory(wish.directory);
  if (wish.existing === 'refuse') refuseExistingKeys(wish.directory);
  const making = Promise.all([generateKeyPair(wish.openPgp), generateTlsKey(wish.tlsType)]);
  const [openPgp, tls] = await orCancelled(watch('making the keys', making), signal);
  using secretKey = openPgp.secretKey;
  using privateKey = tls.privateKey;
  installKeys(
    wish.directory,
    {
      'seckey.txt': secretKey.bytes,
      'pubkey.txt': openPgp.publicKey,
      'tls-privkey.pem': privateKey.bytes,
      'tls-pubkey.pem': tls.publicKey,
    },
    wish.existing,
  );
  return { keyId: tls.keyId, fingerprint: openPgp.fingerprint };
}
