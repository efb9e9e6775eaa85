import { readdirSync } from 'node:fs';
import { chmod, writeFile } from 'node:fs/promises';
import type { CommandLine } from './network-namespaces.ts';
import { TempDir } from './temp-dir.ts';

const YEAR = 365 * 24 * 60 * 60 * 1000;

/**
 * The wall clock and the boot as a test's programs see them. The clock can be set while they
 * run; the clocks that count from boot go on as they are, as when somebody sets the time.
 */
export class FakeTime implements AsyncDisposable {
  readonly #dir: TempDir;

  private constructor(dir: TempDir) {
    this.#dir = dir;
  }

  static async create(): Promise<FakeTime> {
    // Read by the user that the server becomes.
    const time = new FakeTime(await TempDir.create(0o711));
    await time.setClock(0);
    await time.reboot();
    return time;
  }

  /** For `RunningProgram.start` (faketime(1)). */
  get env(): Readonly<Record<string, string>> {
    const [triplet] = readdirSync('/usr/lib').filter((name) => name.endsWith('-gnu'));
    return {
      LD_PRELOAD: `/usr/lib/${triplet}/faketime/libfaketimeMT.so.1`,
      FAKETIME_TIMESTAMP_FILE: this.#dir.join('offset'),
      FAKETIME_NO_CACHE: '1',
      FAKETIME_DONT_FAKE_MONOTONIC: '1',
    };
  }

  /** Sets the wall clock that many years of 365 days off. */
  async setClock(years: number): Promise<void> {
    await this.#write('offset', `${years < 0 ? '' : '+'}${years}y\n`);
  }

  /** The year that a clock which is `years` off shows. */
  static year(years: number): number {
    return new Date(Date.now() + years * YEAR).getUTCFullYear();
  }

  /** Programs started from now on see another boot than those before. */
  async reboot(): Promise<void> {
    await this.#write('boot_id', `${crypto.randomUUID()}\n`);
  }

  /** Runs a program in the present boot, in the same process. */
  readonly command = (program: string, ...args: readonly string[]): CommandLine => {
    const bind = 'mount --bind "$0" /proc/sys/kernel/random/boot_id && exec "$@"';
    return [
      '/usr/bin/unshare',
      ['--mount', '/bin/sh', '-c', bind, this.#dir.join('boot_id'), program, ...args],
    ];
  };

  async #write(name: string, content: string): Promise<void> {
    await writeFile(this.#dir.join(name), content);
    await chmod(this.#dir.join(name), 0o644);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#dir[Symbol.asyncDispose]();
  }
}
