/** A message bus that takes connections and never says a word, as one that was stopped. */
import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import { TempDir } from '../support/temp-dir.ts';

export class MuteBus implements AsyncDisposable {
  readonly address: string;
  /** Resolves when somebody is connected, and has greeted it. */
  readonly greeted: Promise<void>;
  readonly #dir: TempDir;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  private constructor(dir: TempDir, server: Server) {
    this.#dir = dir;
    this.#server = server;
    this.address = `unix:path=${dir.join('bus')}`;
    this.greeted = new Promise((resolve) => {
      server.on('connection', (socket) => {
        this.#sockets.add(socket);
        socket.on('error', () => undefined);
        socket.once('data', () => resolve());
      });
    });
  }

  static async start(): Promise<MuteBus> {
    const dir = await TempDir.create(0o711);
    const bus = new MuteBus(dir, createServer());
    bus.#server.listen(dir.join('bus'));
    await once(bus.#server, 'listening');
    return bus;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
    await this.#dir[Symbol.asyncDispose]();
  }
}
