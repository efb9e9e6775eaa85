import { concat } from '../../src/core/bytes.ts';

/** How many of the `available` bytes (at least one) the reader gets in its next piece. */
export type Pieces = (available: number) => number;

export const byteByByte: Pieces = () => 1;
export const everything: Pieces = (available) => available;

/** Pieces of 1 to `longest` bytes; the same seed gives the same pieces. */
export function randomPieces(seed: number, longest = 64): Pieces {
  let state = seed | 0 || 1;
  return () => {
    // xorshift32 (Marsaglia 2003)
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return 1 + ((state >>> 0) % longest);
  };
}

interface Reader {
  readonly resolve: (bytes: Uint8Array | null) => void;
  readonly reject: (reason: Error) => void;
}

interface Writer {
  readonly resolve: () => void;
  readonly reject: (reason: Error) => void;
}

/** One direction of a connection inside the process; see `bytePipe`. */
export class OneWayPipe {
  /** How what was written is cut into pieces; may be changed at any time. */
  pieces: Pieces = everything;
  /** A write resolves only when no more than this many bytes wait for the reader. */
  window = Number.POSITIVE_INFINITY;
  /** Called once when the pipe breaks. */
  onCut: () => void = () => undefined;

  #waiting: Uint8Array = new Uint8Array(0);
  readonly #sent: Uint8Array[] = [];
  #delivered = 0;
  #cutAt = Number.POSITIVE_INFINITY;
  #stalled = false;
  #finished = false;
  #broken = false;
  #abandoned = false;
  #reader: Reader | undefined;
  #writers: Writer[] = [];

  /** Everything that was ever written to it. */
  get sent(): Uint8Array {
    return concat(this.#sent);
  }

  /** How many bytes have reached the reader. */
  get delivered(): number {
    return this.#delivered;
  }

  /** From now on nothing arrives, not even the end. */
  stall(): void {
    this.#stalled = true;
  }

  /** Lets bytes arrive again. */
  resume(): void {
    this.#stalled = false;
    this.#deliver();
  }

  /** Breaks the connection once `count` bytes in all have reached the reader. */
  cutAfter(count: number): void {
    this.#cutAt = count;
    this.#deliver();
  }

  /** Breaks the connection now: what has not arrived is lost, and both sides are told. */
  cut(): void {
    if (this.#broken) return;
    this.#broken = true;
    const reason = new Error('the connection was reset');
    this.#reader?.reject(reason);
    this.#reader = undefined;
    this.releaseWriters(reason);
    this.onCut();
  }

  /** The next piece, or null at the end. */
  take(): Promise<Uint8Array | null> {
    if (this.#reader !== undefined) throw new Error('two reads at a time');
    return new Promise((resolve, reject) => {
      this.#reader = { resolve, reject };
      this.#deliver();
    });
  }

  /** Appends bytes; a copy, because the writer may wipe its own at once. */
  async put(bytes: Uint8Array): Promise<void> {
    if (this.#broken) throw new Error('the connection was reset');
    if (this.#finished) throw new Error('a write after the end');
    if (this.#abandoned) throw new Error('nobody reads any more');
    this.#sent.push(bytes.slice());
    this.#waiting = concat([this.#waiting, bytes]);
    this.#deliver();
    if (this.#waiting.length <= this.window) return;
    await new Promise<void>((resolve, reject) => this.#writers.push({ resolve, reject }));
  }

  /** No more bytes will come. */
  finish(): void {
    this.#finished = true;
    this.#deliver();
  }

  /** The reader has gone. */
  abandon(): void {
    this.#abandoned = true;
    const reason = new Error('this end of the connection was destroyed');
    this.#reader?.reject(reason);
    this.#reader = undefined;
    this.releaseWriters(new Error('nobody reads any more'));
  }

  /** Fails the writes that wait for room. */
  releaseWriters(reason: Error): void {
    for (const writer of this.#writers.splice(0)) writer.reject(reason);
  }

  #deliver(): void {
    const reader = this.#reader;
    if (this.#delivered >= this.#cutAt) this.cut();
    if (reader === undefined || this.#stalled) return;
    if (this.#broken) {
      this.#reader = undefined;
      reader.reject(new Error('the connection was reset'));
    } else if (this.#waiting.length > 0) {
      this.#reader = undefined;
      reader.resolve(this.#nextPiece());
      if (this.#delivered >= this.#cutAt) this.cut();
    } else if (this.#finished) {
      this.#reader = undefined;
      reader.resolve(null);
    }
  }

  #nextPiece(): Uint8Array {
    const available = Math.min(this.#waiting.length, this.#cutAt - this.#delivered);
    const length = Math.max(1, Math.min(available, this.pieces(available)));
    const piece = this.#waiting.slice(0, length);
    this.#waiting = this.#waiting.slice(length);
    this.#delivered += length;
    if (this.#waiting.length <= this.window) {
      for (const writer of this.#writers.splice(0)) writer.resolve();
    }
    return piece;
  }
}
