import { readFile } from 'node:fs/promises';
import { run, succeed } from './process.ts';
import { TempDir } from './temp-dir.ts';

/** A key ring of gpg's, apart from the user's. Its agent ends with it. */
export class GpgHome implements AsyncDisposable {
  readonly #dir: TempDir;

  private constructor(dir: TempDir) {
    this.#dir = dir;
  }

  static async create(): Promise<GpgHome> {
    return new GpgHome(await TempDir.create());
  }

  /** Runs gpg on the key ring; fails unless it succeeds. Returns its standard output. */
  async gpg(args: readonly string[], input: string | Uint8Array = ''): Promise<Buffer> {
    const fixed = ['--homedir', this.#dir.path, '--batch', '--quiet', '--no-tty'];
    return await succeed('/usr/bin/gpg', [...fixed, '--trust-model', 'always', ...args], {
      input,
      timeout: 60_000,
    });
  }

  /** The fingerprint of the first key on the ring. */
  async fingerprint(): Promise<string> {
    const listing = (await this.gpg(['--list-keys', '--with-colons'])).toString('latin1');
    const fingerprint = /^fpr:+([0-9A-F]+):/m.exec(listing)?.[1];
    if (fingerprint === undefined) throw new Error('no key on the ring');
    return fingerprint;
  }

  /** Signs `content` by the key and encrypts it to the same, as mandos-keygen does. */
  async seal(content: Uint8Array, fingerprint: string): Promise<Uint8Array> {
    const file = await this.#dir.write('content', content);
    const who = ['--local-user', fingerprint, '--recipient', fingerprint];
    const args = ['--yes', ...who, '--sign', '--encrypt', '--output', `${file}.gpg`, file];
    await this.gpg(args);
    return new Uint8Array(await readFile(`${file}.gpg`));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await run('/usr/bin/gpgconf', ['--homedir', this.#dir.path, '--kill', 'all']);
    await this.#dir[Symbol.asyncDispose]();
  }
}
