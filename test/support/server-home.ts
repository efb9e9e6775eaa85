import { spawnSync } from 'node:child_process';
import { mkdir } from 'node:fs/promises';
import { freePort } from './free-port.ts';
import type { CommandLine } from './network-namespaces.ts';
import { type ProgramOptions, RunningProgram, run } from './process.ts';
import { inRepository } from './repository.ts';
import { TempDir } from './temp-dir.ts';

export interface HomeStartOptions {
  /** More options of mandos(8). */
  readonly options?: readonly string[];
  readonly env?: ProgramOptions['env'];
  /** The address of its system bus; `--no-dbus` without. */
  readonly bus?: string;
  /** Whether it announces itself; only where there is a network of the test's own. */
  readonly zeroconf?: boolean;
  /** Where or how to run it, as `NetworkSide.command`; on the machine itself unless told. */
  readonly command?: (program: string, ...args: readonly string[]) => CommandLine;
}

/**
 * The configuration and the state of a server of ours that outlive it: one start after
 * another, as on a machine that is restarted, crashes, or whose files somebody edits.
 */
export class ServerHome implements AsyncDisposable {
  readonly #dir: TempDir;

  private constructor(dir: TempDir) {
    this.#dir = dir;
  }

  static async make(clients: string): Promise<ServerHome> {
    // Searchable by the user that the server becomes; its state is in there.
    const home = new ServerHome(await TempDir.create(0o711));
    await home.#dir.write('mandos.conf', '[DEFAULT]\n');
    await home.write(clients);
    return home;
  }

  /** Another home with the same files, owned by the same users. */
  async copy(): Promise<ServerHome> {
    const dir = await TempDir.create(0o711);
    const { status, stderr } = spawnSync('/bin/cp', ['-a', `${this.#dir.path}/.`, dir.path]);
    if (status !== 0) throw new Error(`cp failed: ${stderr}`);
    return new ServerHome(dir);
  }

  /** The state directory, or something in it. */
  state(...names: string[]): string {
    return this.#dir.join('state', ...names);
  }

  /** Something in the configuration directory. */
  path(...names: string[]): string {
    return this.#dir.join(...names);
  }

  /** Writes clients.conf. */
  async write(clients: string): Promise<void> {
    await this.#dir.write('clients.conf', clients);
  }

  /** Makes a folder in the configuration directory that every user may look into. */
  async makeFolder(name: string): Promise<void> {
    await mkdir(this.path(name));
  }

  /**
   * Runs `mandos --export-state`; its output, errors first. Does not look how it ended.
   * @param before what the shell does that becomes it
   */
  async exportState(
    before = ':',
  ): Promise<{ readonly code: number | null; readonly told: string }> {
    const args = ['--export-state', '--configdir', this.#dir.path, '--statedir', this.state()];
    const script = `${before}; exec "$0" "$@"`;
    const { code, stdout, stderr } = await run('/bin/sh', [
      ...['-c', script, inRepository('bin/mandos')],
      ...args,
    ]);
    return { code, told: `${stderr}${stdout}` };
  }

  /** Starts the server and waits until it serves. */
  async start(start: HomeStartOptions = {}): Promise<HomeServer> {
    const server = await this.attempt(start);
    try {
      await server.program.waitForLine(/now listening on port/);
      return server;
    } catch (error) {
      await server[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** Starts a server that may not come to serve, and waits for nothing. */
  async attempt(start: HomeStartOptions = {}): Promise<HomeServer> {
    const port = await freePort();
    return new HomeServer(this.#run(port, start), port);
  }

  #run(port: number, start: HomeStartOptions): RunningProgram {
    const { options = [], env, bus, zeroconf = false, command } = start;
    const all = [
      ...['--debug', '--port', String(port)],
      ...(bus === undefined ? ['--no-dbus'] : []),
      ...(zeroconf ? [] : ['--no-zeroconf']),
      ...['--configdir', this.#dir.path, '--statedir', this.state()],
      ...options,
    ];
    const mandos = inRepository('bin/mandos');
    const [program, args] = command === undefined ? [mandos, all] : command(mandos, ...all);
    return RunningProgram.start(program, args, {
      env: { ...env, ...(bus === undefined ? {} : { DBUS_SYSTEM_BUS_ADDRESS: bus }) },
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#dir[Symbol.asyncDispose]();
  }
}

/** One run of a server at home. */
export class HomeServer implements AsyncDisposable {
  readonly program: RunningProgram;
  readonly port: number;

  constructor(program: RunningProgram, port: number) {
    this.program = program;
    this.port = port;
  }

  /** Its debug log so far. */
  get log(): string {
    return this.program.stderr;
  }

  /** Ends it, in order or (`SIGKILL`) as a crash does, and waits until it has ended. */
  async stop(signal: 'SIGTERM' | 'SIGKILL' = 'SIGTERM'): Promise<void> {
    this.program.kill(signal);
    await this.program.exit;
    await this.program[Symbol.asyncDispose]();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.program[Symbol.asyncDispose]();
  }
}
