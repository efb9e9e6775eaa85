/** The load: real clients, all in this process, the same for every server. */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { seconds } from '../src/core/time.ts';
import { TlsContext } from '../src/native/tls-context.ts';
import { askServer } from '../src/protocol/client-conversation.ts';
import { bootClock } from '../src/system/boot-clock.ts';
import { SocketStream } from '../src/system/socket-stream.ts';
import type { TlsKey } from '../test/support/tls-keys.ts';

const PATIENCE = seconds(60);

/** A client that can ask again and again without making its TLS settings each time. */
export class LoadClient implements Disposable {
  readonly #context: TlsContext;

  constructor(key: TlsKey) {
    this.#context = TlsContext.tlsServer(key.privatePem);
  }

  /** Milliseconds until the secret was there; null when there was none. */
  async ask(port: number): Promise<number | null> {
    const start = performance.now();
    const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
    try {
      await once(socket, 'connect');
      const ending = await askServer(new SocketStream(socket), {
        clock: bootClock,
        handshakeDeadline: PATIENCE,
        receiveDeadline: PATIENCE,
        newEngine: () => this.#context.connection(),
      });
      return ending.kind === 'blob' ? performance.now() - start : null;
    } catch {
      socket.destroy();
      return null;
    }
  }

  [Symbol.dispose](): void {
    this.#context.close();
  }
}

/** How long a server may take to its first secret, in milliseconds. */
const START = 120_000;

/** Asks until there is a secret: a server that is starting. Throws when there is none in time. */
export async function firstSecret(client: LoadClient, port: number): Promise<void> {
  const deadline = performance.now() + START;
  while ((await client.ask(port)) === null) {
    if (performance.now() > deadline) throw new Error(`no secret in ${START / 1000} s`);
    await pause(2);
  }
}

/** Peers that say hello and then nothing, each from an address of its own. */
export async function stalledPeers(port: number, count: number): Promise<Socket[]> {
  const sockets: Socket[] = [];
  for (let at = 0; at < count; at++) {
    const localAddress = `127.2.${at >> 8}.${at & 255}`;
    const socket = connect({ port, host: '127.0.0.1', localAddress });
    socket.on('error', () => undefined);
    await Promise.race([once(socket, 'connect'), once(socket, 'close')]);
    if (!socket.destroyed) socket.write('1\r\n');
    sockets.push(socket);
  }
  return sockets;
}
