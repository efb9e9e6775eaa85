import { chown, mkdir, readFile } from 'node:fs/promises';
import process from 'node:process';
import { freePort } from './free-port.ts';
import { PrivateBus } from './private-bus.ts';
import { RunningProgram } from './process.ts';
import { inRepository } from './repository.ts';
import type { ServerHome } from './server-home.ts';
import { TempDir } from './temp-dir.ts';
import { waitForListener } from './wait-for-listener.ts';

const PROGRAM = inRepository('.cache/originals/mandos/usr/sbin/mandos');

export interface OriginalServerOptions {
  /** The text of clients.conf; not with `home`. */
  readonly clients?: string;
  /** The configuration and the state of a server of ours, to go on from. */
  readonly home?: ServerHome;
  /** More options of mandos(8). */
  readonly options?: readonly string[];
  /** Listens on 127.0.0.1 unless told to use ::1. */
  readonly host?: '127.0.0.1' | '::1';
  /** Whether it offers its D-Bus interface, on a bus of its own. */
  readonly dbus?: boolean;
  /** How long it may take to start, in milliseconds. */
  readonly patience?: number;
}

/**
 * Debian's own Mandos server, unpacked and not installed, on a loopback port.
 *
 * Seen with 1.8.16: it connects to a system bus even with `--no-dbus --no-zeroconf`; it
 * must be root to become `_mandos`, or nobody where there is no such user; an IPv4
 * `--address` needs `--no-ipv6`. It writes to syslog only, unless `--debug` is given, which
 * makes it fifteen times slower; without /dev/log its standard error fills with
 * complaints of Python's about that.
 */
export class OriginalServer implements AsyncDisposable {
  readonly host: string;
  readonly port: number;
  readonly #start: () => RunningProgram;
  #program: RunningProgram;
  readonly #dir: TempDir;
  readonly #bus: PrivateBus;

  private constructor(
    host: string,
    port: number,
    start: () => RunningProgram,
    dir: TempDir,
    bus: PrivateBus,
  ) {
    this.host = host;
    this.port = port;
    this.#start = start;
    this.#program = start();
    this.#dir = dir;
    this.#bus = bus;
  }

  static async start(options: OriginalServerOptions): Promise<OriginalServer> {
    const host = options.host ?? '127.0.0.1';
    await using cleanup = new AsyncDisposableStack();
    const dir = cleanup.use(await TempDir.create(0o711));
    const bus = cleanup.use(await PrivateBus.start());
    const port = await freePort(host);
    const { uid, gid } = await serviceUser();
    for (const name of ['state', 'tmp']) {
      await mkdir(dir.join(name), { mode: 0o700 });
      await chown(dir.join(name), uid, gid);
    }
    await mkdir(dir.join('config'));
    await dir.write('config/clients.conf', options.clients ?? '');
    await dir.write('config/mandos.conf', '[DEFAULT]\n');
    const configDirectory = options.home?.path() ?? dir.join('config');
    const stateDirectory = options.home?.state() ?? dir.join('state');
    const start = (): RunningProgram =>
      // By name: another Python may come first on PATH and lack the modules.
      RunningProgram.start(
        '/usr/bin/python3',
        [
          PROGRAM,
          ...['--foreground', '--no-zeroconf'],
          ...(options.dbus === true ? [] : ['--no-dbus']),
          ...['--address', host, '--port', String(port)],
          ...['--configdir', configDirectory, '--statedir', stateDirectory],
          ...(host === '127.0.0.1' ? ['--no-ipv6'] : []),
          ...(options.options ?? []),
        ],
        { env: { DBUS_SYSTEM_BUS_ADDRESS: bus.address, TMPDIR: dir.join('tmp') } },
      );
    const server = new OriginalServer(host, port, start, dir, bus);
    cleanup.defer(() => server.#program[Symbol.asyncDispose]());
    await waitForListener(port, server.program, options.patience);
    cleanup.move();
    return server;
  }

  /** Of its own system bus. */
  get busAddress(): string {
    return this.#bus.address;
  }

  /** The one that runs, or ran last. */
  get program(): RunningProgram {
    return this.#program;
  }

  /** Ends it, in order or (`SIGKILL`) as a crash does, and starts it with the same files. */
  async restart(signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
    await this.stop(signal);
    this.#program = this.#start();
    await waitForListener(this.port, this.#program);
  }

  /** Ends it, in order (it writes its state then) or as a crash does. */
  async stop(signal: 'SIGTERM' | 'SIGKILL' = 'SIGTERM'): Promise<void> {
    // A crash takes its helper processes along; they would keep its output open.
    if (signal === 'SIGKILL') process.kill(-this.#program.pid, signal);
    else this.#program.kill(signal);
    await this.#program.exit;
    await this.#program[Symbol.asyncDispose]();
  }

  /** For `mandos-client --connect`. */
  get address(): string {
    return `${this.host}:${this.port}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#program[Symbol.asyncDispose]();
    await this.#bus[Symbol.asyncDispose]();
    await this.#dir[Symbol.asyncDispose]();
  }
}

/** Whom the original becomes: the first of these that the machine knows. */
async function serviceUser(): Promise<{ uid: number; gid: number }> {
  const users = await readFile('/etc/passwd', 'latin1');
  for (const name of ['_mandos', 'mandos', 'nobody']) {
    const fields = users
      .split('\n')
      .find((line) => line.startsWith(`${name}:`))
      ?.split(':');
    if (fields !== undefined) return { uid: Number(fields[2]), gid: Number(fields[3]) };
  }
  throw new Error('no user named _mandos, mandos or nobody');
}
