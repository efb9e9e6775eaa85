import * as openpgp from 'openpgp';

/**
 * What may come out of a compressed blob of at most 1 MiB (N6). The library takes one layer
 * of compression only; what unpacks to itself for ever it refuses.
 */
const LARGEST_PLAINTEXT = 4 * 1024 * 1024;

/**
 * How OpenPGP.js is to treat the client's *own* key and what was sealed to it: by what the
 * key can do, not by what would be accepted from a stranger. The original made DSA/ElGamal
 * and RSA-1024 keys once, and their blobs must open; an old algorithm harms no one when the
 * only message it must not open is a forged one, which the disk refuses.
 *
 * The integrity check of a message stays mandatory.
 */
export function ownKeyConfig(): openpgp.Config {
  return {
    ...openpgp.config,
    rejectPublicKeyAlgorithms: new Set(),
    rejectCurves: new Set(),
    rejectHashAlgorithms: new Set(),
    rejectMessageHashAlgorithms: new Set(),
    minRSABits: 1024,
    allowInsecureDecryptionWithSigningKeys: true,
    allowMissingKeyFlags: true,
    allowUnauthenticatedMessages: false,
    allowUnauthenticatedStream: false,
    maxDecompressedMessageSize: LARGEST_PLAINTEXT,
    // What gpg 2.2 and the original client can open: no AEAD, no compression to leak sizes.
    aeadProtect: false,
    v6Keys: false,
    preferredCompressionAlgorithm: openpgp.enums.compression.uncompressed,
    showComment: false,
    showVersion: false,
  };
}
