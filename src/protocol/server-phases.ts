import type { ByteStream } from '../core/byte-stream.ts';
import { after, type Clock, type Duration } from '../core/time.ts';

/** How long a peer may take, each absolute: a byte now and then does not extend it (N1). */
export interface ServerDeadlines {
  /** From the connection to the end of the handshake. */
  readonly handshake: Duration;
  /** For the secret to go out. */
  readonly sending: Duration;
  /** For the peer to leave after we closed. */
  readonly leaving: Duration;
}

/**
 * Where a conversation is. Only while `waiting` and `sending` does it belong to a peer that
 * has proven a key we know; in all others it may be cut to make room (N1).
 */
export type ServerPhase = 'hello' | 'handshake' | 'waiting' | 'sending' | 'leaving';

/** Where one conversation is; destroys its stream when it stays there for too long. */
export class ServerPhases {
  readonly #stream: ByteStream;
  readonly #clock: Clock;
  readonly #entered: ((phase: ServerPhase) => void) | undefined;
  #phase: ServerPhase = 'hello';
  #cut: 'too-slow' | 'stopped' | null = null;
  #callOff: () => void = () => undefined;

  /** @param entered told of each phase as it begins */
  constructor(stream: ByteStream, clock: Clock, entered?: (phase: ServerPhase) => void) {
    this.#stream = stream;
    this.#clock = clock;
    this.#entered = entered;
  }

  get phase(): ServerPhase {
    return this.#phase;
  }

  /** Why we destroyed the stream; null if we did not. */
  get cut(): 'too-slow' | 'stopped' | null {
    return this.#cut;
  }

  /** @param limit how long from now the phase may last; null: the running deadline goes on */
  enter(phase: ServerPhase, limit: Duration | 'none' | null): void {
    this.#phase = phase;
    this.#entered?.(phase);
    if (limit === null) return;
    if (limit === 'none') this.callOff();
    else this.limit(limit);
  }

  /** Replaces the running deadline. */
  limit(limit: Duration): void {
    this.callOff();
    const at = after(this.#clock.now(), limit);
    this.#callOff = this.#clock.at(at, () => this.destroy('too-slow'));
  }

  /** No deadline runs any more. */
  callOff(): void {
    this.#callOff();
  }

  destroy(why: 'too-slow' | 'stopped'): void {
    this.#cut ??= why;
    this.#stream.destroy();
  }
}
