import type { Socket } from 'node:net';
import type { ByteStream } from '../core/byte-stream.ts';

/** Read ahead of the reader up to here, then let TCP hold the peer back. */
const READ_AHEAD_BYTES = 65_536;

type Waiter = {
  readonly resolve: (bytes: Uint8Array | null) => void;
  readonly reject: (error: Error) => void;
};

type StreamEnd =
  /** The peer has ended its direction. */
  | { readonly kind: 'ended' }
  | { readonly kind: 'broken'; readonly error: Error }
  | { readonly kind: 'closed' };

/** A TCP socket as a `ByteStream`. The socket must have been made with `allowHalfOpen`. */
export class SocketStream implements ByteStream {
  readonly #socket: Socket;
  readonly #arrived: Uint8Array[] = [];
  #arrivedBytes = 0;
  #end: StreamEnd | null = null;
  #waiter: Waiter | null = null;

  constructor(socket: Socket) {
    this.#socket = socket;
    socket.on('data', (bytes: Uint8Array) => this.#take(bytes));
    socket.on('end', () => this.#finish({ kind: 'ended' }));
    socket.on('error', (error) => this.#finish({ kind: 'broken', error }));
    socket.on('close', () => this.#finish({ kind: 'closed' }));
  }

  #take(bytes: Uint8Array): void {
    if (this.#waiter !== null) {
      const { resolve } = this.#waiter;
      this.#waiter = null;
      resolve(bytes);
      return;
    }
    this.#arrived.push(bytes);
    this.#arrivedBytes += bytes.length;
    if (this.#arrivedBytes >= READ_AHEAD_BYTES) this.#socket.pause();
  }

  #finish(end: StreamEnd): void {
    this.#end ??= end;
    if (this.#waiter === null) return;
    const { resolve, reject } = this.#waiter;
    this.#waiter = null;
    if (end.kind === 'ended') resolve(null);
    else reject(errorOf(end));
  }

  read(): Promise<Uint8Array | null> {
    const bytes = this.#arrived.shift();
    if (bytes !== undefined) {
      this.#arrivedBytes -= bytes.length;
      if (this.#socket.isPaused() && this.#arrivedBytes < READ_AHEAD_BYTES) this.#socket.resume();
      return Promise.resolve(bytes);
    }
    if (this.#end?.kind === 'ended') return Promise.resolve(null);
    if (this.#end !== null) return Promise.reject(errorOf(this.#end));
    if (this.#waiter !== null) return Promise.reject(new TypeError('two reads at once'));
    return new Promise((resolve, reject) => {
      this.#waiter = { resolve, reject };
    });
  }

  write(bytes: Uint8Array): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#socket.write(bytes, (error) => (error ? reject(error) : resolve()));
    });
  }

  end(): Promise<void> {
    return new Promise((resolve) => {
      if (this.#socket.destroyed) resolve();
      else this.#socket.end(resolve);
    });
  }

  destroy(): void {
    this.#arrived.length = 0;
    this.#arrivedBytes = 0;
    this.#socket.destroy();
  }
}

/** Made only for those who ask: nearly every connection closes unasked. */
function errorOf(end: Exclude<StreamEnd, { kind: 'ended' }>): Error {
  return end.kind === 'broken' ? end.error : new Error('the connection is closed');
}
