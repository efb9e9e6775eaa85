import type { ByteStream } from '../../src/core/byte-stream.ts';
import { OneWayPipe } from './one-way-pipe.ts';

/** Two ends of a connection inside the process, and the wires between them. */
export interface BytePipe {
  readonly a: ByteStream;
  readonly b: ByteStream;
  readonly aToB: OneWayPipe;
  readonly bToA: OneWayPipe;
}

/**
 * A connection without a network. What arrives is what was written; how it is cut into
 * pieces, and whether it arrives at all, is set on the wires:
 *
 *     const { a, b, aToB } = bytePipe();
 *     aToB.pieces = byteByByte;   // or randomPieces(seed), everything
 *     aToB.stall();               // nothing arrives until aToB.resume()
 *     aToB.cutAfter(100);         // the connection breaks after byte 100
 */
export function bytePipe(): BytePipe {
  const aToB = new OneWayPipe();
  const bToA = new OneWayPipe();
  // A connection that breaks in one direction is broken in both.
  aToB.onCut = () => bToA.cut();
  bToA.onCut = () => aToB.cut();
  return { a: new End(bToA, aToB), b: new End(aToB, bToA), aToB, bToA };
}

class End implements ByteStream {
  readonly #incoming: OneWayPipe;
  readonly #outgoing: OneWayPipe;
  #destroyed = false;

  constructor(incoming: OneWayPipe, outgoing: OneWayPipe) {
    this.#incoming = incoming;
    this.#outgoing = outgoing;
  }

  async read(): Promise<Uint8Array | null> {
    this.#check();
    return await this.#incoming.take();
  }

  async write(bytes: Uint8Array): Promise<void> {
    this.#check();
    await this.#outgoing.put(bytes);
  }

  async end(): Promise<void> {
    this.#check();
    this.#outgoing.finish();
  }

  destroy(): void {
    if (this.#destroyed) return;
    this.#destroyed = true;
    this.#incoming.abandon();
    this.#outgoing.finish();
    this.#outgoing.releaseWriters(new Error('this end of the connection was destroyed'));
  }

  #check(): void {
    if (this.#destroyed) throw new Error('this end of the connection was destroyed');
  }
}
