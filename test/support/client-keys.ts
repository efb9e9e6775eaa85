import { chown, readdir, writeFile } from 'node:fs/promises';
import { GpgHome } from './gpg-home.ts';
import { TempDir } from './temp-dir.ts';
import { makeTlsKey, type TlsKeyType } from './tls-key.ts';

const rsa = (bits: number): string => `Key-Type: RSA
Key-Length: ${bits}
Key-Usage: sign,auth
Subkey-Type: RSA
Subkey-Length: ${bits}
Subkey-Usage: encrypt`;

/** gpg's parameters for each type of OpenPGP key. RSA 4096 is what mandos-keygen makes. */
const TYPES = {
  rsa2048: rsa(2048),
  rsa4096: rsa(4096),
  curve25519: `Key-Type: eddsa
Key-Curve: ed25519
Key-Usage: sign,auth
Subkey-Type: ecdh
Subkey-Curve: cv25519
Subkey-Usage: encrypt`,
} as const;

export type OpenPgpKeyType = keyof typeof TYPES;

export const OPENPGP_KEY_TYPES = Object.keys(TYPES) as readonly OpenPgpKeyType[];

/**
 * The key files of a Mandos client, made with GnuTLS and gpg, in a folder that is removed
 * when the test lets go of it.
 */
export class ClientKeys implements AsyncDisposable {
  readonly #dir: TempDir;
  readonly #gpgHome: GpgHome;
  /** The TLS key ID: 64 upper-case hexadecimal digits. */
  readonly keyId: string;
  /** The OpenPGP fingerprint: 40 upper-case hexadecimal digits. */
  readonly fingerprint: string;

  private constructor(dir: TempDir, gpgHome: GpgHome, keyId: string, fingerprint: string) {
    this.#dir = dir;
    this.#gpgHome = gpgHome;
    this.keyId = keyId;
    this.fingerprint = fingerprint;
  }

  static async make(
    tls: TlsKeyType = 'ed25519',
    openPgp: OpenPgpKeyType = 'rsa2048',
  ): Promise<ClientKeys> {
    const dir = await TempDir.create();
    const gpgHome = await GpgHome.create();
    const { keyId } = await makeTlsKey(
      tls,
      dir.join('tls-privkey.pem'),
      dir.join('tls-pubkey.pem'),
    );
    const parameters = `%no-protection\n${TYPES[openPgp]}\nName-Real: test client\nExpire-Date: 0\n%commit\n`;
    await gpgHome.gpg(['--generate-key'], parameters);
    const fingerprint = await gpgHome.fingerprint();
    const keys = new ClientKeys(dir, gpgHome, keyId, fingerprint);
    const armoured = async (what: string): Promise<Buffer> =>
      await gpgHome.gpg(['--armor', what, fingerprint]);
    await writeFile(keys.openPgpSecretKey, await armoured('--export-secret-keys'), { mode: 0o600 });
    await writeFile(keys.openPgpPublicKey, await armoured('--export'), { mode: 0o600 });
    return keys;
  }

  /** The folder that holds the four files under the names of mandos-keygen(8). */
  get directory(): string {
    return this.#dir.path;
  }

  get tlsPrivateKey(): string {
    return this.#dir.join('tls-privkey.pem');
  }

  get tlsPublicKey(): string {
    return this.#dir.join('tls-pubkey.pem');
  }

  get openPgpSecretKey(): string {
    return this.#dir.join('seckey.txt');
  }

  get openPgpPublicKey(): string {
    return this.#dir.join('pubkey.txt');
  }

  /** The blob that gives this client the password. */
  async seal(password: string | Uint8Array): Promise<Uint8Array> {
    return await this.#gpgHome.seal(Buffer.from(password), this.fingerprint);
  }

  /** Makes the files another user's, who may read them then. */
  async giveTo(user: number): Promise<void> {
    await chown(this.directory, user, user);
    for (const name of await readdir(this.directory)) await chown(this.#dir.join(name), user, user);
  }

  /** The options by which both Mandos clients find the keys. */
  get options(): readonly string[] {
    return [
      `--pubkey=${this.openPgpPublicKey}`,
      `--seckey=${this.openPgpSecretKey}`,
      `--tls-privkey=${this.tlsPrivateKey}`,
      `--tls-pubkey=${this.tlsPublicKey}`,
    ];
  }

  /** A section of clients.conf for this client. */
  async section(
    name: string,
    password: string | Uint8Array,
    more: Readonly<Record<string, string>> = {},
  ): Promise<string> {
    return clientSection(name, {
      // The original refuses a section without a fingerprint, though it only uses the key ID.
      key_id: this.keyId,
      fingerprint: this.fingerprint,
      host: 'localhost',
      checker: '/bin/true',
      secret: Buffer.from(await this.seal(password)).toString('base64'),
      ...more,
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#gpgHome[Symbol.asyncDispose]();
    await this.#dir[Symbol.asyncDispose]();
  }
}

/** A section of clients.conf; long values go on over lines of 72 characters. */
export function clientSection(name: string, options: Readonly<Record<string, string>>): string {
  const lines = Object.entries(options).map(([option, value]) => {
    const folded =
      value.length > 72 ? `\n    ${value.replaceAll(/(.{72})(?=.)/g, '$1\n    ')}` : value;
    return `${option} = ${folded}`;
  });
  return `[${name}]\n${lines.join('\n')}\n`;
}
