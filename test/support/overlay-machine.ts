import { readFileSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import type { CommandLine, NetworkSide } from './network-namespaces.ts';
import { type Outcome, type ProgramOptions, RunningProgram, run } from './process.ts';
import { inRepository } from './repository.ts';
import { TempDir } from './temp-dir.ts';

/**
 * The whole system again, to be changed at will: what is written goes into a layer of memory
 * above the real files and is gone with the machine. It has processes, a network and a host
 * name of its own; /run is empty, as after a start, and nobody has had Mandos on it.
 */
const START = `set -e
mount -t tmpfs -o mode=755 tmpfs "$1"
mkdir "$1/upper" "$1/work" "$1/root"
mount -t overlay overlay -o "lowerdir=/,upperdir=$1/upper,workdir=$1/work" "$1/root"
cd "$1/root"
mount --rbind "$2" ".$2"
mount -t tmpfs -o mode=755 tmpfs dev
for device in null zero full random urandom tty; do
  : >"dev/$device"
  mount --bind "/dev/$device" "dev/$device"
done
mkdir dev/pts dev/shm
mount -t devpts -o newinstance,ptmxmode=666 devpts dev/pts
ln -s pts/ptmx dev/ptmx
ln -s /proc/self/fd dev/fd
ln -s /proc/self/fd/0 dev/stdin
ln -s /proc/self/fd/1 dev/stdout
ln -s /proc/self/fd/2 dev/stderr
mount --rbind /sys sys
mount -t proc proc proc
mount -t tmpfs -o mode=755 tmpfs run
mount -t tmpfs -o mode=1777 tmpfs tmp
hostname "$3"
printf '127.0.0.1 localhost\n127.0.1.1 %s\\n' "$3" >etc/hosts
mkdir -p run/lock
rm -rf etc/mandos etc/keys/mandos var/lib/mandos
exec chroot . /bin/sh -c 'echo the machine is up; exec sleep infinity'`;

const HOME = '/root';
const PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/** A machine of its own on one side of a test's network, in which packages can be installed. */
export class OverlayMachine implements AsyncDisposable {
  readonly name: string;
  readonly #holder: RunningProgram;
  readonly #init: number;
  readonly #dir: TempDir;

  private constructor(name: string, holder: RunningProgram, init: number, dir: TempDir) {
    this.name = name;
    this.#holder = holder;
    this.#init = init;
    this.#dir = dir;
  }

  /** @param name its host name */
  static async start(side: NetworkSide, name: string): Promise<OverlayMachine> {
    await using cleanup = new AsyncDisposableStack();
    const dir = cleanup.use(await TempDir.create());
    const holder = cleanup.use(
      RunningProgram.start(
        ...side.command(
          '/usr/bin/unshare',
          ...['--mount', '--propagation=private', '--pid', '--fork', '--kill-child', '--uts'],
          ...['/bin/sh', '-c', START, 'sh', dir.path, inRepository('.'), name],
        ),
      ),
    );
    await holder.waitForLine(/^the machine is up$/);
    const { pid } = holder;
    const [init] = readFileSync(`/proc/${pid}/task/${pid}/children`, 'latin1').split(' ');
    const machine = new OverlayMachine(name, holder, Number(init), dir);
    cleanup.move();
    return machine;
  }

  /** A program on this machine, as `RunningProgram.start` and `run` take it. */
  command(program: string, ...args: readonly string[]): CommandLine {
    const spaces = ['--mount', '--net', '--pid', '--uts', '--root', `--wdns=${HOME}`];
    const target = ['--target', String(this.#init), ...spaces];
    return ['/usr/bin/nsenter', [...target, program, ...args]];
  }

  /** Runs a line of shell as root would type it. */
  async shell(line: string, options: ProgramOptions & { timeout?: number } = {}): Promise<Outcome> {
    const env = { HOME, PATH, ...options.env };
    return await run(...this.command('/bin/bash', '-c', line), { ...options, env });
  }

  /** A file as this machine sees it. */
  path(path: string): string {
    return `/proc/${this.#init}/root${path}`;
  }

  async write(path: string, content: string, mode = 0o644): Promise<void> {
    await writeFile(this.path(path), content, { mode });
  }

  async read(path: string): Promise<string> {
    return await readFile(this.path(path), 'utf8');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#holder[Symbol.asyncDispose]();
    await this.#dir[Symbol.asyncDispose]();
  }
}
