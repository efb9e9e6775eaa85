import { chown, mkdir } from 'node:fs/promises';
import { freePort } from './free-port.ts';
import type { CommandLine, NetworkSide } from './network-namespaces.ts';
import { RunningProgram } from './process.ts';
import { inRepository } from './repository.ts';
import { TempDir } from './temp-dir.ts';

const PROGRAM = inRepository('.cache/originals/mandos/usr/sbin/mandos');

/** Debian's own Mandos server on one machine of a test's network, announced through Avahi. */
export class OriginalServerOnLink implements AsyncDisposable {
  readonly program: RunningProgram;
  readonly #dir: TempDir;

  private constructor(program: RunningProgram, dir: TempDir) {
    this.program = program;
    this.#dir = dir;
  }

  /**
   * @param busAddress of the Avahi on that machine
   * @param installed runs the installed programs of another Debian; this one's is only unpacked
   */
  static async start(
    side: NetworkSide,
    busAddress: string,
    clients: string,
    installed?: (program: string, ...args: readonly string[]) => CommandLine,
  ): Promise<OriginalServerOnLink> {
    await using cleanup = new AsyncDisposableStack();
    const dir = cleanup.use(await TempDir.create(0o711));
    for (const name of ['state', 'tmp']) {
      await mkdir(dir.join(name), { mode: 0o700 });
      await chown(dir.join(name), NOBODY, NOBODY);
    }
    await mkdir(dir.join('config'));
    await dir.write('config/clients.conf', clients);
    await dir.write('config/mandos.conf', '[DEFAULT]\n');
    const options = [
      ...['--foreground', '--no-dbus', '--debug', '--port', String(await freePort())],
      ...['--configdir', dir.join('config'), '--statedir', dir.join('state')],
    ];
    // It becomes the first of these users that there is; here only "nobody" is.
    const script = `mount --bind ${await dir.write('passwd', PASSWD)} /etc/passwd && exec "$@"`;
    const command = (python: string): string[] => ['-c', script, 'sh', '/usr/bin/python3', python];
    const [first, args] =
      installed === undefined
        ? (['/usr/bin/unshare', ['--mount', '/bin/sh', ...command(PROGRAM)]] as const)
        : installed('/bin/sh', ...command('/usr/sbin/mandos'));
    const program = cleanup.use(
      RunningProgram.start(...side.command(first, ...args, ...options), {
        env: { DBUS_SYSTEM_BUS_ADDRESS: busAddress, TMPDIR: dir.join('tmp') },
      }),
    );
    await program.waitForLine(/Now listening on/i, 60_000);
    cleanup.move();
    return new OriginalServerOnLink(program, dir);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.program[Symbol.asyncDispose]();
    await this.#dir[Symbol.asyncDispose]();
  }
}

const NOBODY = 65_534;
const PASSWD = `root:x:0:0:root:/root:/bin/sh
nobody:x:${NOBODY}:${NOBODY}:nobody:/nonexistent:/usr/sbin/nologin
`;
