import { freePort } from './free-port.ts';
import { RunningProgram } from './process.ts';
import { inRepository } from './repository.ts';
import { TempDir } from './temp-dir.ts';
import { waitForListener } from './wait-for-listener.ts';

export interface ServerProgramOptions {
  /** The text of clients.conf; without it there is no such file. */
  readonly clients?: string;
  /** The text of mandos.conf. */
  readonly configuration?: string;
  /** Other files for the configuration directory. */
  readonly files?: Readonly<Record<string, string | Uint8Array>>;
  /** More options of mandos(8). */
  readonly options?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

/** Our own server as a program of its own, on a port of every loopback address. */
export class ServerProgram implements AsyncDisposable {
  readonly port: number;
  readonly program: RunningProgram;
  readonly #dir: TempDir;

  private constructor(port: number, program: RunningProgram, dir: TempDir) {
    this.port = port;
    this.program = program;
    this.#dir = dir;
  }

  static async start(options: ServerProgramOptions): Promise<ServerProgram> {
    await using cleanup = new AsyncDisposableStack();
    const dir = cleanup.use(await TempDir.create(0o711));
    // Searchable by the user that the server becomes; its state is in there.
    await dir.write('mandos.conf', options.configuration ?? '[DEFAULT]\n');
    if (options.clients !== undefined) await dir.write('clients.conf', options.clients);
    for (const [name, content] of Object.entries(options.files ?? {})) {
      await dir.write(name, content);
    }
    const port = await freePort();
    const program = cleanup.use(
      RunningProgram.start(
        inRepository('bin/mandos'),
        [
          ...['--debug', '--no-dbus', '--no-zeroconf', '--port', String(port)],
          ...['--configdir', dir.path, '--statedir', dir.join('state')],
          ...(options.options ?? []),
        ],
        options.env === undefined ? {} : { env: options.env },
      ),
    );
    await waitForListener(port, program);
    cleanup.move();
    return new ServerProgram(port, program, dir);
  }

  /** For `mandos-client --connect`. */
  get address(): string {
    return `127.0.0.1:${this.port}`;
  }

  /** Its debug log so far. */
  get log(): string {
    return this.program.stderr;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.program[Symbol.asyncDispose]();
    await this.#dir[Symbol.asyncDispose]();
  }
}
