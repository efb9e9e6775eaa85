import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { type GnutlsReport, gnutlsReport, RAW_KEYS_ONLY } from './gnutls.ts';
import { RunningProgram } from './process.ts';

/**
 * A Mandos server made of gnutls-cli, for one client: it reads the client's first line,
 * hands the connection to gnutls-cli, which sends the blob and says that it has finished.
 * (In the Mandos protocol the server is the TLS client.)
 */
export class GnutlsServerPeer implements AsyncDisposable {
  readonly #server: Server;
  readonly #blob: Uint8Array;
  readonly #priority: string;
  readonly #hello = Promise.withResolvers<string>();
  readonly #report = Promise.withResolvers<GnutlsReport>();
  readonly #running = new AsyncDisposableStack();
  #taken = false;

  private constructor(server: Server, blob: Uint8Array, priority: string) {
    this.#server = server;
    this.#blob = blob;
    this.#priority = priority;
    // Whoever asks for them sees the failures.
    this.#hello.promise.catch(() => undefined);
    this.#report.promise.catch(() => undefined);
    server.on('connection', (client) => {
      this.#serve(client).catch((error) => {
        this.#hello.reject(error);
        this.#report.reject(error);
        client.destroy();
      });
    });
  }

  /** Listens on a port of 127.0.0.1. */
  static async start(blob: Uint8Array, priority = RAW_KEYS_ONLY): Promise<GnutlsServerPeer> {
    const server = createServer({ pauseOnConnect: true }).listen({ host: '127.0.0.1', port: 0 });
    await once(server, 'listening');
    return new GnutlsServerPeer(server, blob, priority);
  }

  /** For `mandos-client --connect`. */
  get address(): string {
    return `127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** The client's first line, with its end. */
  get hello(): Promise<string> {
    return this.#hello.promise;
  }

  /** What GnuTLS saw; once the conversation is over. */
  get report(): Promise<GnutlsReport> {
    return this.#report.promise;
  }

  async #serve(client: Socket): Promise<void> {
    client.on('error', () => undefined);
    if (this.#taken) {
      client.destroy();
      return;
    }
    this.#taken = true;
    const { line, rest } = await readLine(client);
    this.#hello.resolve(line);
    const inner = createServer().listen({ host: '127.0.0.1', port: 0 });
    this.#running.defer(() => void inner.close());
    await once(inner, 'listening');
    const program = this.#running.use(
      RunningProgram.start(
        '/usr/bin/gnutls-cli',
        [
          ...['--debug=5', '--no-ca-verification', `--priority=${this.#priority}`],
          ...[`--port=${(inner.address() as AddressInfo).port}`, '127.0.0.1'],
        ],
        { input: this.#blob },
      ),
    );
    const [tls] = (await once(inner, 'connection')) as [Socket];
    tls.on('error', () => undefined);
    tls.write(rest);
    client.pipe(tls);
    tls.pipe(client);
    this.#running.defer(() => {
      tls.destroy();
      client.destroy();
    });
    await program.exit;
    this.#report.resolve(gnutlsReport(`${program.stdout}\n${program.stderr}`));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.close();
    await this.#running[Symbol.asyncDispose]();
  }
}

/** Reads up to the first line feed; what came after it is for TLS. */
async function readLine(socket: Socket): Promise<{ line: string; rest: Buffer }> {
  let seen = Buffer.alloc(0);
  socket.resume();
  for await (const data of socket.iterator({ destroyOnReturn: false })) {
    seen = Buffer.concat([seen, data]);
    const end = seen.indexOf(10);
    if (end >= 0) {
      return { line: seen.subarray(0, end + 1).toString('latin1'), rest: seen.subarray(end + 1) };
    }
  }
  throw new Error(
    `the client ended before it finished its first line: ${JSON.stringify(seen.toString('latin1'))}`,
  );
}
