/** Accepts connections and lets each have its conversation; makes room when it is full (N1). */
import { createServer, type Server, type Socket } from 'node:net';
import { CancellationSource } from '../core/cancellation.ts';
import type { Log } from '../core/log.ts';
import { type Clock, seconds } from '../core/time.ts';
import type { SecretSource } from '../protocol/secret-source.ts';
import { serveConversation } from '../protocol/server-conversation.ts';
import type { ServerEnding } from '../protocol/server-ending.ts';
import type { ServerDeadlines, ServerPhase } from '../protocol/server-phases.ts';
import type { TlsEngine } from '../protocol/tls-engine.ts';
import { SocketStream } from '../system/socket-stream.ts';

export const DEADLINES: ServerDeadlines = {
  handshake: seconds(30),
  sending: seconds(30),
  leaving: seconds(2),
};

export interface ListenerContext {
  readonly secrets: SecretSource;
  readonly clock: Clock;
  readonly log: Log;
  readonly newEngine: () => TlsEngine;
  readonly sha256: (bytes: Uint8Array) => Uint8Array;
  readonly deadlines?: ServerDeadlines;
  /**
   * How many peers may be connected that have not proven a key we know. At the limit the
   * oldest of them gives way: addresses are free, so refusing would be a lock-out tool.
   */
  readonly maxStrangers: number;
}

interface Peer {
  readonly address: string;
  readonly socket: Socket;
  gaveWay: boolean;
}

export class Listener {
  readonly #context: ListenerContext;
  readonly #server: Server;
  readonly #stop = new CancellationSource();
  readonly #conversations = new Set<Promise<void>>();
  /** In the order of their arrival. */
  readonly #strangers = new Set<Peer>();

  constructor(context: ListenerContext) {
    this.#context = context;
    this.#server = createServer({ allowHalfOpen: true });
    this.#server.on('connection', (socket) => this.#accept(socket));
  }

  /** Takes over a listening descriptor (system/listening-socket.ts); resolves with its port when connections are taken. */
  start(descriptor: number): Promise<number> {
    return new Promise((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen({ fd: descriptor }, () => {
        this.#server.removeListener('error', reject);
        // Out of descriptors, for one: the connection is lost, the server goes on.
        this.#server.on('error', (error) => {
          this.#context.log.log('error', `cannot accept a connection (${error.message})`);
        });
        const address = this.#server.address();
        resolve(typeof address === 'object' && address !== null ? address.port : 0);
      });
    });
  }

  /** Takes no more connections, ends those there are, and waits for them. */
  async close(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    this.#stop.abort(new Error('the server stops'));
    await Promise.all(this.#conversations);
    await closed;
  }

  /** Whether it takes connections. */
  get listening(): boolean {
    return this.#server.listening;
  }

  /** Where it takes connections; null while it does not. */
  get address(): string | null {
    const address = this.#server.address();
    return typeof address === 'object' && address !== null ? address.address : null;
  }

  /** How many peers are connected. */
  get connections(): number {
    return this.#conversations.size;
  }

  #accept(socket: Socket): void {
    const peer: Peer = { address: socket.remoteAddress ?? '?', socket, gaveWay: false };
    if (this.#strangers.size >= this.#context.maxStrangers) this.#makeRoom();
    this.#strangers.add(peer);
    const conversation = this.#converse(peer).finally(() => {
      this.#strangers.delete(peer);
      this.#conversations.delete(conversation);
    });
    this.#conversations.add(conversation);
  }

  #makeRoom(): void {
    const [oldest] = this.#strangers;
    if (oldest === undefined) return;
    oldest.gaveWay = true;
    this.#strangers.delete(oldest);
    oldest.socket.destroy();
  }

  async #converse(peer: Peer): Promise<void> {
    const { log } = this.#context;
    log.log('debug', `connection from ${peer.address}`);
    try {
      const ending = await serveConversation(new SocketStream(peer.socket), peer.address, {
        ...this.#context,
        deadlines: this.#context.deadlines ?? DEADLINES,
        stop: this.#stop,
        entered: (phase) => this.#entered(peer, phase),
        negotiated: (what) => log.log('debug', `${peer.address} negotiated ${what}`),
      });
      this.#report(peer, ending);
    } catch (error) {
      log.log('critical', `conversation with ${peer.address} failed: ${String(error)}`);
    }
  }

  #entered(peer: Peer, phase: ServerPhase): void {
    if (phase === 'waiting' || phase === 'sending') this.#strangers.delete(peer);
    else if (!peer.gaveWay) this.#strangers.add(peer);
  }

  #report({ address, gaveWay }: Peer, ending: ServerEnding): void {
    const { log } = this.#context;
    if (gaveWay) {
      log.log('info', `${address} gave way to a new connection`);
      return;
    }
    switch (ending.kind) {
      case 'sent':
      case 'refused':
        break; // the gate has told it
      case 'left':
        log.log('info', `${address} left during ${ending.phase}`);
        break;
      case 'too-slow':
        log.log('info', `${address} was too slow during ${ending.phase}`);
        break;
      case 'bad-hello':
        log.log('info', `${address} sent no Mandos hello (${ending.problem})`);
        break;
      case 'bad-tls':
        log.log('warning', `${address}: ${ending.problem}`);
        break;
      case 'stopped':
        log.log('debug', `${address} was cut off in ${ending.phase}: the server stops`);
        break;
      case 'failed':
        log.log('critical', `no secret for ${address}: ${String(ending.problem)}`);
        break;
      default:
        ending satisfies never;
    }
  }
}
