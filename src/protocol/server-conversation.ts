/**
 * One conversation as the Mandos server has it: hello line, TLS handshake (as the TLS
 * client: the roles are swapped), key ID, secret or nothing, close (mandos(8), "Network
 * protocol").
 */
import type { ByteStream } from '../core/byte-stream.ts';
import { hex } from '../core/bytes.ts';
import { type Cancellation, CancellationSource, orCancelled } from '../core/cancellation.ts';
import { MandosError } from '../core/error.ts';
import { type KeyId, parseKeyId } from '../core/key-id.ts';
import { after, type Clock, type Duration } from '../core/time.ts';
import { HelloReader } from './hello.ts';
import type { SecretAnswer, SecretSource } from './secret-source.ts';
import type { TlsEngine } from './tls-engine.ts';
import { TlsSession } from './tls-session.ts';

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

/** How a conversation ended. */
export type ServerEnding =
  | { readonly kind: 'sent'; readonly keyId: KeyId }
  | { readonly kind: 'refused'; readonly keyId: KeyId }
  | { readonly kind: 'left'; readonly phase: ServerPhase }
  | { readonly kind: 'too-slow'; readonly phase: ServerPhase }
  | { readonly kind: 'bad-hello'; readonly problem: string }
  | { readonly kind: 'bad-tls'; readonly problem: string }
  | { readonly kind: 'stopped'; readonly phase: ServerPhase }
  /** The secret source failed; nothing was sent. */
  | { readonly kind: 'failed'; readonly problem: unknown };

/** A client has nothing to say after the handshake but close_notify. */
const MAX_BYTES_AFTER_HANDSHAKE = 16_384;

export interface ServerContext {
  readonly secrets: SecretSource;
  readonly clock: Clock;
  readonly deadlines: ServerDeadlines;
  /** A new TLS engine in the TLS client's role. */
  readonly newEngine: () => TlsEngine;
  readonly sha256: (bytes: Uint8Array) => Uint8Array;
  /** Aborted when the server stops. */
  readonly stop: Cancellation;
  /** Told of each phase as it begins. */
  readonly entered?: (phase: ServerPhase) => void;
  /** Told what was negotiated, for the debug log. */
  readonly negotiated?: (description: string) => void;
}

/**
 * Holds the conversation with one peer to its end; never rejects for anything that the
 * peer does. The stream is destroyed when it returns.
 * @param peer the peer's address, as text
 */
export async function serveConversation(
  stream: ByteStream,
  peer: string,
  context: ServerContext,
): Promise<ServerEnding> {
  const conversation = new ServerConversation(stream, peer, context);
  const stop = (): void => conversation.stop();
  context.stop.addEventListener('abort', stop, { once: true });
  try {
    if (context.stop.aborted) return { kind: 'stopped', phase: 'hello' };
    return await conversation.run();
  } finally {
    context.stop.removeEventListener('abort', stop);
    stream.destroy();
  }
}

class ServerConversation {
  readonly #stream: ByteStream;
  readonly #peer: string;
  readonly #context: ServerContext;
  #phase: ServerPhase = 'hello';
  #cut: 'too-slow' | 'stopped' | null = null;
  readonly #wait = new CancellationSource();
  #callOff: () => void = () => undefined;

  constructor(stream: ByteStream, peer: string, context: ServerContext) {
    this.#stream = stream;
    this.#peer = peer;
    this.#context = context;
  }

  /**
   * Ends the conversation soon: at once before the handshake is done, with a close_notify
   * while it waits; a secret on its way still goes out.
   */
  stop(): void {
    switch (this.#phase) {
      case 'hello':
      case 'handshake':
        this.#destroy('stopped');
        break;
      case 'waiting':
        this.#wait.abort(new Stopped());
        break;
      case 'sending':
      case 'leaving':
        this.#limit(this.#context.deadlines.leaving);
        break;
      default:
        this.#phase satisfies never;
    }
  }

  async run(): Promise<ServerEnding> {
    this.#enter('hello', this.#context.deadlines.handshake);
    try {
      const hello = await this.#hello();
      if (hello.kind === 'bad') return { kind: 'bad-hello', problem: hello.problem };
      const engine = this.#context.newEngine();
      try {
        return await this.#serve(
          engine,
          new TlsSession(engine, this.#stream, hello.rest, MAX_BYTES_AFTER_HANDSHAKE),
        );
      } finally {
        engine.close();
      }
    } catch (error) {
      return this.#ending(error);
    } finally {
      this.#callOff();
    }
  }

  async #hello(): Promise<{ kind: 'hello'; rest: Uint8Array } | { kind: 'bad'; problem: string }> {
    const reader = new HelloReader();
    for (;;) {
      const bytes = await this.#stream.read();
      if (bytes === null) throw new MandosError('network', 'the peer left before its hello');
      const step = reader.push(bytes);
      if (step.kind !== 'more') return step;
    }
  }

  async #serve(engine: TlsEngine, session: TlsSession): Promise<ServerEnding> {
    this.#enter('handshake', null);
    await session.handshake();
    const keyId = this.#keyId(engine);
    if (keyId === null) {
      await this.#leave(session, null);
      return { kind: 'bad-tls', problem: 'the peer has no raw public key' };
    }
    const description = engine.describe();
    if (description !== null) {
      const { version, cipher, group } = description;
      this.#context.negotiated?.(`${version} ${cipher} ${group}`);
    }
    return await this.#answer(session, keyId);
  }

  async #answer(session: TlsSession, keyId: KeyId): Promise<ServerEnding> {
    // An approval may take hours, so the handshake's deadline ends here.
    this.#enter('waiting', 'none');
    const asked = this.#ask(keyId);
    // Our last flight waits a moment: an answer that is at hand goes out in the same packet.
    const atHand = await soon(asked);
    if (atHand !== null) return await this.#conclude(session, keyId, atHand, null);
    const departure = session.untilPeerLeaves(); // its first read sends what waits
    const gone = (): void => this.#wait.abort(PEER_LEFT);
    departure.then(gone, gone);
    return await this.#conclude(session, keyId, await asked, departure);
  }

  async #conclude(
    session: TlsSession,
    keyId: KeyId,
    answer: Asked,
    departure: Promise<void> | null,
  ): Promise<ServerEnding> {
    if (answer.kind !== 'secret') {
      await this.#leave(session, departure);
      if (answer.kind === 'refused') return { kind: 'refused', keyId };
      return answer.kind === 'stopped' ? { kind: 'stopped', phase: 'waiting' } : answer;
    }
    using blob = answer.blob;
    // An ended connection gets nothing, however late the approval (N4).
    if (this.#wait.aborted) throw this.#wait.reason;
    this.#enter('sending', this.#context.deadlines.sending);
    await session.writeAndClose(blob.bytes);
    this.#context.secrets.sent(keyId, this.#peer);
    await this.#untilGone(departure ?? session.untilPeerLeaves());
    return { kind: 'sent', keyId };
  }

  async #ask(keyId: KeyId): Promise<Asked> {
    const request = this.#context.secrets.request(keyId, this.#peer, this.#wait);
    // An answer that comes after we stopped waiting is wiped, whoever it was for (N4, S4).
    const late = (answer: SecretAnswer): void => {
      if (answer.kind === 'secret') answer.blob[Symbol.dispose]();
    };
    try {
      return await orCancelled(request, this.#wait);
    } catch (problem) {
      request.then(late, () => undefined);
      if (problem instanceof Stopped) return { kind: 'stopped' };
      if (this.#wait.aborted) throw problem;
      return { kind: 'failed', problem };
    }
  }

  /** Closes politely; nothing can go wrong any more. */
  async #leave(session: TlsSession, departure: Promise<void> | null): Promise<void> {
    this.#enter('leaving', this.#context.deadlines.leaving);
    departure?.catch(() => undefined);
    await session.close().catch(() => undefined); // the peer was faster
    await this.#untilGone(departure ?? session.untilPeerLeaves());
  }

  /**
   * Gives the peer a moment to close its side too. Closing a socket with bytes unread
   * resets the connection, and the peer may lose what we sent last.
   */
  async #untilGone(departure: Promise<void>): Promise<void> {
    if (this.#phase !== 'leaving') this.#enter('leaving', this.#context.deadlines.leaving);
    await departure.catch(() => undefined); // it broke off, or was slower than the deadline
  }

  #keyId(engine: TlsEngine): KeyId | null {
    const der = engine.peerPublicKey();
    if (der === null) return null;
    const result = parseKeyId(hex(this.#context.sha256(der)));
    return result.kind === 'key-id' ? result.keyId : null;
  }

  /** @param limit how long from now the phase may last; null: the running deadline goes on */
  #enter(phase: ServerPhase, limit: Duration | 'none' | null): void {
    this.#phase = phase;
    this.#context.entered?.(phase);
    if (limit === null) return;
    if (limit === 'none') this.#callOff();
    else this.#limit(limit);
  }

  /** Replaces the running deadline. */
  #limit(limit: Duration): void {
    this.#callOff();
    const { clock } = this.#context;
    this.#callOff = clock.at(after(clock.now(), limit), () => this.#destroy('too-slow'));
  }

  #destroy(why: 'too-slow' | 'stopped'): void {
    this.#cut ??= why;
    this.#stream.destroy();
  }

  #ending(error: unknown): ServerEnding {
    if (this.#cut !== null) return { kind: this.#cut, phase: this.#phase };
    if (error instanceof MandosError && error.code === 'protocol') {
      return { kind: 'bad-tls', problem: error.message };
    }
    return { kind: 'left', phase: this.#phase };
  }
}

type Asked =
  | SecretAnswer
  | { readonly kind: 'stopped' }
  | { readonly kind: 'failed'; readonly problem: unknown };

const PEER_LEFT = new MandosError('network', 'the peer left');

/** More turns of the microtask queue than an answer takes that nobody has to wait for. */
const TURNS = 32;

/** The promise's value when it is there at once, or null. */
async function soon<T>(promise: Promise<T>): Promise<T | null> {
  let found: { readonly value: T } | null = null;
  promise.then(
    (value) => {
      found = { value };
    },
    () => undefined, // whoever waits for the promise learns of it
  );
  for (let turn = 0; turn < TURNS; turn++) {
    await null;
    const there = found as { readonly value: T } | null;
    if (there !== null) return there.value;
  }
  return null;
}

/** The reason to stop waiting when the server stops. */
class Stopped extends Error {
  override readonly name = 'Stopped';
}
