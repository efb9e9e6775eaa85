import { createHash, createPublicKey } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { succeed } from './process.ts';

/** certtool's arguments for each type of TLS key that the original can use. */
const TYPES = {
  ed25519: ['--key-type=ed25519'],
  ed448: ['--key-type=ed448'],
  'ecdsa-p256': ['--key-type=ecdsa', '--curve=secp256r1'],
  'ecdsa-p384': ['--key-type=ecdsa', '--curve=secp384r1'],
  rsa: ['--key-type=rsa', '--bits=2048'],
  'rsa-pss': ['--key-type=rsa-pss', '--bits=2048'],
} as const;

export type TlsKeyType = keyof typeof TYPES;

export const TLS_KEY_TYPES = Object.keys(TYPES) as readonly TlsKeyType[];

export interface TlsKeyFiles {
  readonly privateKey: string;
  readonly publicKey: string;
  /** 64 upper-case hexadecimal digits. */
  readonly keyId: string;
}

/** Makes a key with GnuTLS's certtool, by the commands that the original uses. */
export async function makeTlsKey(
  type: TlsKeyType,
  privateKey: string,
  publicKey: string,
): Promise<TlsKeyFiles> {
  const quiet = ['--password=', '--no-text'];
  await succeed('/usr/bin/certtool', [
    '--generate-privkey',
    ...TYPES[type],
    ...quiet,
    `--outfile=${privateKey}`,
  ]);
  await succeed('/usr/bin/certtool', [
    '--pubkey-info',
    `--load-privkey=${privateKey}`,
    ...quiet,
    `--outfile=${publicKey}`,
  ]);
  return { privateKey, publicKey, keyId: keyIdOf(await readFile(publicKey, 'latin1')) };
}

/** The key ID of a public key in PEM, worked out without the code under test. */
export function keyIdOf(publicKeyPem: string): string {
  const der = createPublicKey(publicKeyPem).export({ type: 'spki', format: 'der' });
  return createHash('sha256').update(der).digest('hex').toUpperCase();
}
