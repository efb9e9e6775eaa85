import { hex } from '../../core/bytes.ts';
import { Blob } from '../../core/secret.ts';
import { wipeableCopy } from '../../core/wipeable-bytes.ts';

/** Larger than any secret that is served. */
const LARGEST = 4 * 1024 * 1024;

/**
 * Opens a secret that the original stored: an OpenPGP message whose passphrase is "mandos" and
 * the hexadecimal digits of the secret in clients.conf. Null when it was stored under another
 * secret, or is damaged.
 */
export async function openOriginalSecret(
  message: Uint8Array,
  configured: Blob,
): Promise<Blob | null> {
  // Only here, and hardly ever: the library is larger than all the rest of the server.
  const openpgp = await import('openpgp');
  const config = { ...openpgp.config, maxDecompressedMessageSize: LARGEST };
  try {
    // The library takes text only. It is not the password of a disk: both secrets are messages
    // that only the client can open.
    const passwords = [`mandos${hex(configured.bytes)}`];
    const { data } = await openpgp.decrypt({
      message: await openpgp.readMessage({ binaryMessage: message, config }),
      passwords,
      format: 'binary',
      config,
    });
    try {
      return new Blob(wipeableCopy(data));
    } finally {
      data.fill(0);
    }
  } catch {
    return null;
  }
}
