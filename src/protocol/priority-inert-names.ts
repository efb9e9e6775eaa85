/**
 * Names that GnuTLS knows and that say nothing about TLS 1.3 with raw public keys in
 * OpenSSL: adding one allows what is never used, removing one forbids it. One entry per
 * group of names with the same beginning.
 *
 * GnuTLS also drops TLS 1.3 when TLS 1.2 is removed and 1.1 or 1.0 is not; that side effect
 * is not wanted by anyone, and not followed.
 */
const namesByPrefix: Readonly<Record<string, string>> = {
  'VERS-': 'SSL3.0 TLS1.0 TLS1.1 TLS1.2 DTLS0.9 DTLS1.0 DTLS1.2 DTLS-ALL',
  'COMP-': 'ALL NULL DEFLATE LZO',
  // OpenPGP keys in TLS are gone from GnuTLS, which still knows the name.
  'CTYPE-': 'OPENPGP CLI-ALL CLI-RAWPK CLI-X.509 CLI-X509',
  'GROUP-': 'SECP192R1 SECP224R1 GC256A GC256B GC256C GC256D GC512A GC512B GC512C',
  'CURVE-': 'SECP192R1 SECP224R1',
  // Signatures of TLS 1.2 or of certificates.
  'SIGN-RSA-':
    'MD2 MD5 RAW RMD160 SHA1 SHA224 SHA256 SHA384 SHA512 SHA3-224 SHA3-256 SHA3-384 SHA3-512',
  'SIGN-DSA-': 'SHA1 SHA224 SHA256 SHA384 SHA512 SHA3-224 SHA3-256 SHA3-384 SHA3-512',
  'SIGN-ECDSA-': 'SHA1 SHA224 SHA256 SHA384 SHA512 SHA3-224 SHA3-256 SHA3-384 SHA3-512',
  'SIGN-GOSTR': '341001 341012-256 341012-512',
  // Ciphers of TLS 1.2, or of none.
  'AES-128-': 'CBC CCM-8 CFB8 SIV XTS',
  'AES-192-': 'CBC CFB8 GCM',
  'AES-256-': 'CBC CCM CCM-8 CFB8 SIV XTS',
  'CAMELLIA-': '128-CBC 128-GCM 192-CBC 256-CBC 256-GCM',
  'GOST28147-': 'CPA-CFB CPB-CFB CPC-CFB CPD-CFB TC26Z-CFB TC26Z-CNT TC26Z-IMIT',
  'CHACHA20-': '32 64',
  '': '3DES-CBC ARCFOUR-128 ARCFOUR-40 DES-CBC ESTREAM-SALSA20-256 KUZNYECHIK-CTR-ACPKM MAGMA-CTR-ACPKM RC2-40 SALSA20-256 RSA PSK',
  // Message authentication outside an AEAD cipher.
  'AES-CMAC-': '128 256',
  'AES-GMAC-': '128 192 256',
  'OMAC-': 'KUZNYECHIK MAGMA',
  'STREEBOG-': '256 512',
  'UMAC-': '96 128',
  SHA: '1 224 256 384 512',
  MD: '5',
  GOSTR: '341194',
  // Key exchange is the business of the groups in TLS 1.3.
  'ANON-': 'DH ECDH',
  'DHE-': 'DSS PSK RSA',
  'ECDHE-': 'ECDSA PSK RSA',
  'VKO-': 'GOST-12',
  'RSA-': 'EXPORT',
};

/** See `namesByPrefix`; in upper case. */
export const inertNames: ReadonlySet<string> = new Set(
  Object.entries(namesByPrefix).flatMap(([prefix, names]) =>
    names.split(' ').map((name) => prefix + name),
  ),
);

/**
 * %OPTIONS that change nothing here, for they are about older versions of TLS, about
 * X.509 certificates, or about what OpenSSL does anyway. Capitals matter, as in GnuTLS.
 *
 * The PROFILE ones judge certificates: with raw public keys even PROFILE_ULTRA, which is in
 * the default string, takes a 2048-bit RSA key and a 2048-bit group (tried with
 * gnutls-cli). SERVER_PRECEDENCE chooses among what both sides allow.
 */
export const inertOptions: ReadonlySet<string> = new Set(
  [
    'ALLOW_SMALL_RECORDS COMPAT DEBUG_ALLOW_KEY_USAGE_VIOLATIONS DISABLE_SAFE_RENEGOTIATION',
    'DISABLE_TLS13_COMPAT_MODE DISABLE_WILDCARDS DUMBFW FALLBACK_SCSV FORCE_ETM',
    'FORCE_SESSION_HASH LATEST_RECORD_VERSION NO_ETM NO_SESSION_HASH NO_SHUFFLE_EXTENSIONS',
    'NO_STATUS_REQUEST NO_TICKETS NO_TICKETS_TLS12 PARTIAL_RENEGOTIATION SAFE_RENEGOTIATION',
    'SERVER_PRECEDENCE SSL3_RECORD_VERSION STATELESS_COMPRESSION UNSAFE_RENEGOTIATION',
    'VERIFY_ALLOW_BROKEN VERIFY_ALLOW_SIGN_RSA_MD5 VERIFY_ALLOW_SIGN_WITH_SHA1',
    'VERIFY_ALLOW_X509_V1_CA_CRT VERIFY_DISABLE_CRL_CHECKS',
    'PROFILE_FUTURE PROFILE_HIGH PROFILE_LEGACY PROFILE_LOW PROFILE_MEDIUM',
    'PROFILE_SUITEB128 PROFILE_SUITEB192 PROFILE_ULTRA PROFILE_VERY_WEAK',
  ].flatMap((line) => line.split(' ')),
);
