/**
 * What GnuTLS calls the algorithms that TLS 1.3 has in OpenSSL 3.5 too, and what OpenSSL
 * calls them. Compared with `gnutls-cli --list` and with OpenSSL by the tests.
 */

/** GnuTLS's cipher names, to OpenSSL's names of the TLS 1.3 cipher suites. */
export const cipherSuiteNames: ReadonlyMap<string, string> = new Map([
  ['AES-256-GCM', 'TLS_AES_256_GCM_SHA384'],
  ['CHACHA20-POLY1305', 'TLS_CHACHA20_POLY1305_SHA256'],
  ['AES-128-GCM', 'TLS_AES_128_GCM_SHA256'],
  ['AES-128-CCM', 'TLS_AES_128_CCM_SHA256'],
  // Not AES-128-CCM-8: its short tag is below the security level OpenSSL starts with,
  // which knows the name and then finds "no ciphers available".
]);

/**
 * A group that comes with X25519 in the keywords, and goes when X25519 goes: the GnuTLS
 * releases that have no post-quantum groups cannot have meant to leave it out, and a
 * person who changes one thing about their settings should not lose it unasked.
 */
export const impliedHybrid = 'X25519-MLKEM768 beside X25519';

/** GnuTLS's group names without `GROUP-`, to OpenSSL's. */
export const groupNames: ReadonlyMap<string, string> = new Map([
  ['SECP256R1', 'P-256'],
  ['SECP384R1', 'P-384'],
  ['SECP521R1', 'P-521'],
  ['X25519', 'X25519'],
  ['X448', 'X448'],
  ['FFDHE2048', 'ffdhe2048'],
  ['FFDHE3072', 'ffdhe3072'],
  ['FFDHE4096', 'ffdhe4096'],
  ['FFDHE6144', 'ffdhe6144'],
  ['FFDHE8192', 'ffdhe8192'],
  // GnuTLS has these since 3.8.8, when it is built with them.
  ['X25519-MLKEM768', 'X25519MLKEM768'],
  [impliedHybrid, 'X25519MLKEM768'],
  ['SECP256R1-MLKEM768', 'SecP256r1MLKEM768'],
  ['SECP384R1-MLKEM1024', 'SecP384r1MLKEM1024'],
]);

/**
 * GnuTLS's signature names without `SIGN-`, to OpenSSL's. GnuTLS's ECDSA-SHA256 and its
 * like are those of TLS 1.2: in TLS 1.3 it uses the ones bound to a curve, whether those
 * are there or not.
 */
export const signatureNames: ReadonlyMap<string, string> = new Map([
  ['RSA-PSS-SHA256', 'rsa_pss_pss_sha256'],
  ['RSA-PSS-RSAE-SHA256', 'rsa_pss_rsae_sha256'],
  ['ECDSA-SECP256R1-SHA256', 'ecdsa_secp256r1_sha256'],
  ['EDDSA-ED25519', 'ed25519'],
  ['RSA-PSS-SHA384', 'rsa_pss_pss_sha384'],
  ['RSA-PSS-RSAE-SHA384', 'rsa_pss_rsae_sha384'],
  ['ECDSA-SECP384R1-SHA384', 'ecdsa_secp384r1_sha384'],
  ['EDDSA-ED448', 'ed448'],
  ['RSA-PSS-SHA512', 'rsa_pss_pss_sha512'],
  ['RSA-PSS-RSAE-SHA512', 'rsa_pss_rsae_sha512'],
  ['ECDSA-SECP521R1-SHA512', 'ecdsa_secp521r1_sha512'],
  ['ML-DSA-44', 'mldsa44'],
  ['ML-DSA-65', 'mldsa65'],
  ['ML-DSA-87', 'mldsa87'],
]);
