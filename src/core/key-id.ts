declare const keyIdBrand: unique symbol;

/**
 * The SHA-256 of a client's TLS public key (DER SubjectPublicKeyInfo), as 64 upper-case
 * hexadecimal digits.
 */
export type KeyId = string & { readonly [keyIdBrand]: true };

/**
 * Key IDs that no client can own: the SHA-256 of nothing and of one line feed. A broken
 * client program hashed the empty output of a failed command, so that many clients showed
 * the same key ID (S5).
 */
const SHARED_BY_BROKEN_CLIENTS: ReadonlySet<string> = new Set([
  'E3B0C44298FC1C149AFBF4C8996FB92427AE41E4649B934CA495991B7852B855',
  '01BA4719C80B6FE911B091A7C05124B64EEECE964E09C058EF8F9805DACA546B',
]);

export type KeyIdResult =
  | { readonly kind: 'key-id'; readonly keyId: KeyId }
  | { readonly kind: 'empty' }
  | { readonly kind: 'malformed' }
  | { readonly kind: 'shared' };

/** Reads a key ID as people write it: spaces and case do not matter (mandos-clients.conf(5)). */
export function parseKeyId(text: string): KeyIdResult {
  const digits = text.replaceAll(/\s/g, '').toUpperCase();
  if (digits === '') return { kind: 'empty' };
  if (!/^[0-9A-F]{64}$/.test(digits)) return { kind: 'malformed' };
  if (SHARED_BY_BROKEN_CLIENTS.has(digits)) return { kind: 'shared' };
  return { kind: 'key-id', keyId: digits as KeyId };
}
