import * as openpgp from 'openpgp';

type Sign = (
  key: openpgp.AnySecretKeyPacket,
  data: object,
  date: Date,
  detached: boolean,
  config: openpgp.Config,
) => Promise<void>;

/**
 * Limits the algorithms that a new key asks for to those that gpg 2.2 knows, and signs its
 * self-certification again. OpenPGP.js always lists SHA-3, and gpg then warns at every
 * import that the key's preferences should be changed.
 */
export async function preferWhatGpgKnows(
  key: openpgp.PrivateKey,
  date: Date,
  config: openpgp.Config,
): Promise<void> {
  const { keyPacket } = key;
  if (!(keyPacket instanceof openpgp.SecretKeyPacket)) throw new TypeError('not a secret key');
  const { aes128, aes192, aes256 } = openpgp.enums.symmetric;
  const { sha256, sha384, sha512, sha224 } = openpgp.enums.hash;
  const { uncompressed, zlib, zip } = openpgp.enums.compression;
  for (const { userID, selfCertifications } of key.users) {
    for (const certification of selfCertifications) {
      certification.preferredSymmetricAlgorithms = [aes256, aes192, aes128];
      certification.preferredHashAlgorithms = [sha512, sha384, sha256, sha224];
      certification.preferredCompressionAlgorithms = [zlib, zip, uncompressed];
      // The salt of the first signature; each signature brings its own.
      certification.rawNotations = [];
      // The fifth argument is missing from the library's types.
      const sign: Sign = certification.sign as Sign;
      await sign.call(certification, keyPacket, { userID, key: keyPacket }, date, false, config);
    }
  }
}
