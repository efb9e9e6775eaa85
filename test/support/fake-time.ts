import { readdirSync } from 'node:fs';
import { chmod, writeFile } from 'node:fs/promises';
import type { CommandLine } from './network-namespaces.ts';
import { TempDir } from './temp-dir.ts';

const YEAR = 365 * 24 * 60 * 60 * 1000;

/**
 * A command whose wall clock starts at a date, in the same process. It needs namespaces.
 * @param date as faketime(1) reads it: `1970-01-01 00:01:00`
 */
export function atDate(date: string, command: readonly string[]): CommandLine {
  return faked({ FAKETIME: `@${date}` }, command);
}

/**
 * libfaketime names its shared memory after the process, and whoever is killed leaves it; a
 * later process of the same number then dies. So each command sees a /dev/shm of its own.
 */
function faked(
  settings: Readonly<Record<string, string>>,
  command: readonly string[],
  bind?: readonly [what: string, where: string],
): CommandLine {
  const [triplet] = readdirSync('/usr/lib').filter((name) => name.endsWith('-gnu'));
  const library = `/usr/lib/${triplet}/faketime/libfaketimeMT.so.1`;
  const environment = Object.entries({ ...settings, LD_PRELOAD: library });
  const script = [
    'mount -t tmpfs tmpfs /dev/shm || exit',
    ...(bind === undefined ? [] : ['mount --bind "$1" "$2" || exit', 'shift 2']),
    'exec /usr/bin/env "$@"',
  ].join('\n');
  return [
    '/usr/bin/unshare',
    [
      ...['--mount', '/bin/sh', '-c', script, 'sh', ...(bind ?? [])],
      ...environment.map(([name, value]) => `${name}=${value}`),
      ...command,
    ],
  ];
}

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

  /** Runs a program in the present boot by this clock, in the same process. */
  readonly command = (program: string, ...args: readonly string[]): CommandLine =>
    faked(
      {
        FAKETIME_TIMESTAMP_FILE: this.#dir.join('offset'),
        FAKETIME_NO_CACHE: '1',
        FAKETIME_DONT_FAKE_MONOTONIC: '1',
      },
      [program, ...args],
      [this.#dir.join('boot_id'), '/proc/sys/kernel/random/boot_id'],
    );

  async #write(name: string, content: string): Promise<void> {
    await writeFile(this.#dir.join(name), content);
    await chmod(this.#dir.join(name), 0o644);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#dir[Symbol.asyncDispose]();
  }
}
