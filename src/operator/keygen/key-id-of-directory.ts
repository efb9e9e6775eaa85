import { createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto';
import { join } from 'node:path';
import { MandosError } from '../../core/error.ts';
import type { KeyId } from '../../core/key-id.ts';
import { unarmor } from '../../openpgp/armor.ts';
import { exists, readSecretFile } from '../../system/private-file.ts';
import { LARGEST_KEY_FILE } from './key-directory.ts';
import { keyIdOf } from './tls-key.ts';

/**
 * The key ID of the TLS key in a key directory, or undefined when there is none (as in a
 * directory from before Mandos 1.8). Read from the public key, and from the private one
 * where the other is missing.
 *
 * Throws `MandosError` `key-unusable` when a file holds something else (S2), and when the
 * two do not belong together: the server would wait for a key that the client has not got.
 */
export function keyIdOfDirectory(directory: string): KeyId | undefined {
  const publicKey = read(join(directory, 'tls-pubkey.pem'), parsePublicKey);
  const privateKey = read(join(directory, 'tls-privkey.pem'), parsePrivateKey);
  const publicId = publicKey && keyIdOf(publicKey);
  const privateId = privateKey && keyIdOf(createPublicKey(privateKey));
  if (publicId !== undefined && privateId !== undefined && publicId !== privateId) {
    throw new MandosError(
      'key-unusable',
      `tls-pubkey.pem and tls-privkey.pem in '${directory}' do not belong together`,
      { hint: 'make new keys with mandos-keygen --force' },
    );
  }
  return publicId ?? privateId;
}

function read(
  path: string,
  parse: (pem: Buffer, path: string) => KeyObject,
): KeyObject | undefined {
  if (!exists(path)) return undefined;
  const bytes = readSecretFile(path, LARGEST_KEY_FILE);
  try {
    return parse(Buffer.from(bytes.buffer), path);
  } finally {
    bytes.fill(0);
  }
}

function parsePublicKey(pem: Buffer, path: string): KeyObject {
  const label = labelOf(pem);
  // Node would make a public key of a private one without a word (S2).
  if (label !== 'PUBLIC KEY') throw wrongContent(path, 'a TLS public key', label);
  try {
    return createPublicKey({ key: pem, format: 'pem' });
  } catch (cause) {
    throw unusable(`'${path}' holds no usable TLS public key`, cause);
  }
}

function parsePrivateKey(pem: Buffer, path: string): KeyObject {
  const label = labelOf(pem);
  if (!/^(RSA |EC )?PRIVATE KEY$/.test(label ?? '')) {
    throw wrongContent(path, 'a TLS private key', label);
  }
  try {
    return createPrivateKey({ key: pem, format: 'pem' });
  } catch (cause) {
    throw unusable(`'${path}' holds no usable TLS private key`, cause);
  }
}

function labelOf(file: Uint8Array): string | undefined {
  const unarmored = unarmor(file);
  return unarmored.kind === 'pem' || unarmored.kind === 'armored' ? unarmored.label : undefined;
}

function wrongContent(path: string, wanted: string, label: string | undefined): MandosError {
  const found = label === undefined ? 'no PEM file' : `a '${label}'`;
  return unusable(`'${path}' should hold ${wanted} and is ${found}`);
}

function unusable(message: string, cause?: unknown): MandosError {
  return new MandosError('key-unusable', message, { cause });
}
