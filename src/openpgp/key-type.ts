/** The OpenPGP key types that mandos-keygen offers, by the names that gpg users know. */
import { ExitStatus, MandosError } from '../core/error.ts';

/** What a key is made of. `bits` is the length of an RSA modulus. */
export type KeyType =
  | { readonly kind: 'rsa'; readonly bits: number }
  | { readonly kind: 'curve25519' };

/** As gpg: shorter ones are no protection at all, longer ones take minutes to make. */
const SHORTEST_RSA = 1024;
const LONGEST_RSA = 8192;
/** Below this, NIST SP 800-57 counts on no security beyond 2030. */
export const SHORTEST_GOOD_RSA = 2048;
const DEFAULT_RSA = 4096;

/** For which of the two keys in a key file a type is wanted. */
export type KeyPart = 'key' | 'subkey';

const RSA_NAMES = new Set(['rsa', '1']);
const CURVE_NAMES: Readonly<Record<KeyPart, ReadonlySet<string>>> = {
  key: new Set(['ed25519', 'eddsa', 'curve25519', 'ecc', '22']),
  subkey: new Set(['cv25519', 'ecdh', 'curve25519', 'x25519', 'ecc', 'ed25519', '18']),
};
const OLD_NAMES = new Set(['dsa', '17', 'elg', 'elg-e', 'elgamal', '16']);

/**
 * Reads a key type and length as given to `--type`/`--length` or `--subtype`/`--sublength`
 * of mandos-keygen(8). Throws `MandosError` `usage` for what cannot be made.
 */
export function parseKeyType(part: KeyPart, name: string, length: string | undefined): KeyType {
  const lower = name.trim().toLowerCase();
  if (RSA_NAMES.has(lower)) return { kind: 'rsa', bits: parseLength(part, length) };
  if (CURVE_NAMES[part].has(lower)) {
    if (length !== undefined) parseCurveLength(part, length);
    return { kind: 'curve25519' };
  }
  if (OLD_NAMES.has(lower)) {
    throw usage(
      `OpenPGP ${part} type '${name}' is no longer made`,
      'existing DSA and ElGamal keys go on working; for a new one use RSA or ed25519',
    );
  }
  throw usage(`unknown OpenPGP ${part} type '${name}'`, 'the types are RSA and ed25519');
}

function parseLength(part: KeyPart, length: string | undefined): number {
  if (length === undefined) return DEFAULT_RSA;
  const bits = /^\d{1,6}$/.test(length.trim()) ? Number(length) : Number.NaN;
  if (!(bits >= SHORTEST_RSA && bits <= LONGEST_RSA)) {
    throw usage(
      `RSA ${part} length '${length}' is not possible`,
      `a length is a number of bits from ${SHORTEST_RSA} to ${LONGEST_RSA}`,
    );
  }
  // Key generators want whole words; gpg rounds in the same way.
  return Math.ceil(bits / 32) * 32;
}

/** The length of a curve is fixed; gpg's names for it are 255 and 256. */
function parseCurveLength(part: KeyPart, length: string): void {
  if (['255', '256'].includes(length.trim())) return;
  throw usage(
    `length '${length}' does not fit a ${part} on curve 25519`,
    'leave the length out, or use the type RSA',
  );
}

function usage(message: string, hint: string): MandosError {
  return new MandosError('usage', message, { exitCode: ExitStatus.usage, hint });
}
