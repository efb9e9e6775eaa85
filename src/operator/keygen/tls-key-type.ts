import { ExitStatus, MandosError } from '../../core/error.ts';

/** The kinds of TLS keys that a client can prove to a server that it holds. */
export const TLS_KEY_TYPES = ['ed25519', 'ed448', 'ecdsa', 'rsa', 'rsa-pss'] as const;
export type TlsKeyType = (typeof TLS_KEY_TYPES)[number];

/** What certtool(1) can make and TLS 1.3 cannot use for signing (RFC 8446, 4.2.3). */
const UNFIT = /^(dsa|x25519|x448|gost01|gost12-256|gost12-512)$/;

/**
 * Reads the argument of --tls-keytype, in the words of certtool's --key-type. Throws
 * `MandosError` `usage` for a type that TLS 1.3 has no signatures for, and for no type.
 */
export function parseTlsKeyType(text: string): TlsKeyType {
  const lower = text.trim().toLowerCase();
  const found = TLS_KEY_TYPES.find((type) => type === lower);
  if (found !== undefined) return found;
  if (lower === 'ecc') return 'ecdsa';
  if (lower === 'eddsa') return 'ed25519';
  throw new MandosError(
    'usage',
    UNFIT.test(lower)
      ? `TLS 1.3 cannot use a key of type '${text}'`
      : `unknown TLS key type '${text}'`,
    { exitCode: ExitStatus.usage, hint: `the types are ${TLS_KEY_TYPES.join(', ')}` },
  );
}
