/** An OpenSSL public key as DER SubjectPublicKeyInfo (RFC 5280, section 4.1). */
import { toBuffer } from 'node:ffi';
import { takeError } from './openssl-error.ts';
import { openssl } from './openssl-functions.ts';

interface EdwardsKey {
  /** All that comes before the key itself; it has no parameters (RFC 8410, section 4). */
  readonly head: Uint8Array;
  readonly length: number;
}

/** By OpenSSL's number for the type of key, <openssl/obj_mac.h>. */
const EDWARDS_KEYS: ReadonlyMap<number, EdwardsKey> = new Map([
  [1087, { head: Buffer.from('302a300506032b6570032100', 'hex'), length: 32 }], // Ed25519
  [1088, { head: Buffer.from('3043300506032b6571033a00', 'hex'), length: 57 }], // Ed448
]);

const key = new Uint8Array(new ArrayBuffer(64));
const length = new BigUint64Array(new ArrayBuffer(8));
const target = new BigUint64Array(new ArrayBuffer(8));

/**
 * The key's DER, in an array of its own. Call it inside `withCleanErrors`.
 * @param handle a live EVP_PKEY
 */
export function publicKeyDer(handle: bigint): Uint8Array {
  const edwards = EDWARDS_KEYS.get(openssl.EVP_PKEY_get_id(handle));
  return edwards === undefined ? encoded(handle) : ofEdwards(handle, edwards);
}

/** The keys that nearly all clients have: OpenSSL's encoder takes a tenth of a whole handshake. */
function ofEdwards(handle: bigint, edwards: EdwardsKey): Uint8Array {
  length[0] = BigInt(key.length);
  const done = openssl.EVP_PKEY_get_raw_public_key(handle, key, length) === 1;
  if (!done || length[0] !== BigInt(edwards.length)) throw takeError('EVP_PKEY_get_raw_public_key');
  const der = new Uint8Array(edwards.head.length + edwards.length);
  der.set(edwards.head);
  der.set(key.subarray(0, edwards.length), edwards.head.length);
  return der;
}

function encoded(handle: bigint): Uint8Array {
  target[0] = 0n; // i2d_PUBKEY(3): it allocates, and the caller frees
  const size = openssl.i2d_PUBKEY(handle, target);
  const [pointer = 0n] = target;
  if (size <= 0 || pointer === 0n) throw takeError('i2d_PUBKEY');
  try {
    return new Uint8Array(toBuffer(pointer, size));
  } finally {
    openssl.CRYPTO_free(pointer, '', 0);
  }
}
