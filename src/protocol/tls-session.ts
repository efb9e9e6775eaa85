import type { ByteStream } from '../core/byte-stream.ts';
import { MandosError } from '../core/error.ts';
import type { TlsEngine } from './tls-engine.ts';

/** What `read` found: bytes, the peer's close_notify, or the end of the stream without one. */
export type TlsRead =
  | { readonly kind: 'data'; readonly bytes: Uint8Array }
  | { readonly kind: 'close-notify' }
  | { readonly kind: 'end' };

/** More than two honest peers ever exchange in one handshake; a peer cannot make us read on. */
const MAX_HANDSHAKE_BYTES = 65_536;

/**
 * A TLS engine driven over a byte stream. Deadlines and cancellation are the caller's: it
 * destroys the stream, and whatever waits here rejects.
 */
export class TlsSession {
  readonly #engine: TlsEngine;
  readonly #stream: ByteStream;
  #early: Uint8Array;
  #established = false;
  /** How many bytes the peer may still send. */
  #budget: number;

  /**
   * @param early bytes that came before the session was there, perhaps none
   * @param budget how many bytes the peer may send after its handshake, as they come from
   *   the network: a peer cannot keep us busy with what is no data either (N1)
   */
  constructor(engine: TlsEngine, stream: ByteStream, early: Uint8Array, budget: number) {
    this.#engine = engine;
    this.#stream = stream;
    this.#early = early;
    this.#budget = budget;
  }

  /**
   * Completes the handshake. On failure the peer is sent the alert, and the error is a
   * `MandosError`: `protocol` for a peer that does it wrong, `network` for one that is gone.
   * Our last flight may still wait for `flush`, or go out with what is sent next.
   */
  async handshake(): Promise<void> {
    let budget = MAX_HANDSHAKE_BYTES;
    for (;;) {
      const step = await this.#guard('the TLS handshake failed', () => this.#engine.handshake());
      if (step === 'done') {
        this.#established = true;
        return;
      }
      // Only what did not complete it counts: data may come in one piece with the last flight.
      if (budget < 0) throw new MandosError('protocol', 'the peer sent too much to be a handshake');
      await this.flush();
      const bytes = await this.#receive();
      if (bytes === null) {
        throw new MandosError('network', 'the peer left during the TLS handshake');
      }
      budget -= bytes.length;
      await this.#guard('the TLS handshake failed', () => this.#engine.receive(bytes));
    }
  }

  /** What the peer sends next, decrypted. */
  async read(): Promise<TlsRead> {
    for (;;) {
      const step = await this.#guard('the TLS connection failed', () => this.#engine.read());
      await this.flush();
      if (step === 'end') return { kind: 'close-notify' };
      if (step !== 'more') return { kind: 'data', bytes: step };
      const bytes = await this.#receive();
      if (bytes === null) return { kind: 'end' };
      this.#budget -= bytes.length;
      if (this.#budget < 0) throw new MandosError('protocol', 'the peer sent too much');
      await this.#guard('the TLS connection failed', () => this.#engine.receive(bytes));
    }
  }

  /**
   * Sends all of the bytes and close_notify after them, in one go, and ends our direction;
   * resolves when the system has taken all.
   */
  async writeAndClose(bytes: Uint8Array): Promise<void> {
    await this.#guard('the TLS connection failed', () => this.#engine.write(bytes));
    await this.close();
  }

  /** Says close_notify if the handshake was done, and ends our direction. */
  async close(): Promise<void> {
    if (this.#established) this.#engine.shutdown();
    await this.flush();
    await this.#stream.end();
  }

  /**
   * Resolves when the peer says close_notify or ends the stream, which is how a peer leaves,
   * or when it sends data, which none of ours is to be sent; rejects when the connection
   * breaks. While it runs, nobody else may `read`.
   */
  async untilPeerLeaves(): Promise<void> {
    await this.read();
  }

  async #receive(): Promise<Uint8Array | null> {
    if (this.#early.length === 0) return await this.#stream.read();
    const bytes = this.#early;
    this.#early = new Uint8Array(0);
    return bytes;
  }

  /** Sends what waits to be sent. */
  async flush(): Promise<void> {
    const output = this.#engine.takeOutput();
    if (output.length > 0) await this.#stream.write(output);
  }

  /** No detour as long as all is well, which it is millions of times. */
  #guard<T>(what: string, step: () => T): T | Promise<never> {
    try {
      return step();
    } catch (cause) {
      return this.#fail(what, cause);
    }
  }

  async #fail(what: string, cause: unknown): Promise<never> {
    await this.flush().catch(() => undefined); // the alert; the peer may be gone already
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new MandosError('protocol', `${what} (${why})`, { cause });
  }
}
