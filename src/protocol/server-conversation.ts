/**
 * One conversation as the Mandos server has it: hello line, TLS handshake (as the TLS
 * client: the roles are swapped), key ID, secret or nothing, close (mandos(8), "Network
 * protocol").
 */
import type { ByteStream } from '../core/byte-stream.ts';
import { hex } from '../core/bytes.ts';
import { type Cancellation, CancellationSource } from '../core/cancellation.ts';
import { MandosError } from '../core/error.ts';
import { type KeyId, parseKeyId } from '../core/key-id.ts';
import type { Clock } from '../core/time.ts';
import { type Asked, askForSecret, Stopped } from './ask-for-secret.ts';
import { HelloReader } from './hello.ts';
import type { SecretSource } from './secret-source.ts';
import type { ServerEnding } from './server-ending.ts';
import { type ServerDeadlines, type ServerPhase, ServerPhases } from './server-phases.ts';
import { soon } from './soon.ts';
import type { TlsEngine } from './tls-engine.ts';
import { TlsSession } from './tls-session.ts';

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
  readonly #phases: ServerPhases;
  readonly #wait = new CancellationSource();

  constructor(stream: ByteStream, peer: string, context: ServerContext) {
    this.#stream = stream;
    this.#peer = peer;
    this.#context = context;
    this.#phases = new ServerPhases(stream, context.clock, context.entered);
  }

  /**
   * Ends the conversation soon: at once before the handshake is done, with a close_notify
   * while it waits; a secret on its way still goes out.
   */
  stop(): void {
    switch (this.#phases.phase) {
      case 'hello':
      case 'handshake':
        this.#phases.destroy('stopped');
        break;
      case 'waiting':
        this.#wait.abort(new Stopped());
        break;
      case 'sending':
      case 'leaving':
        this.#phases.limit(this.#context.deadlines.leaving);
        break;
      default:
        this.#phases.phase satisfies never;
    }
  }

  async run(): Promise<ServerEnding> {
    this.#phases.enter('hello', this.#context.deadlines.handshake);
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
      this.#phases.callOff();
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
    this.#phases.enter('handshake', null);
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
    this.#phases.enter('waiting', 'none');
    const asked = askForSecret(this.#context.secrets, keyId, this.#peer, this.#wait);
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
    this.#phases.enter('sending', this.#context.deadlines.sending);
    await session.writeAndClose(blob.bytes);
    this.#context.secrets.sent(keyId, this.#peer);
    await this.#untilGone(departure ?? session.untilPeerLeaves());
    return { kind: 'sent', keyId };
  }

  /** Closes politely; nothing can go wrong any more. */
  async #leave(session: TlsSession, departure: Promise<void> | null): Promise<void> {
    this.#phases.enter('leaving', this.#context.deadlines.leaving);
    departure?.catch(() => undefined);
    await session.close().catch(() => undefined); // the peer was faster
    await this.#untilGone(departure ?? session.untilPeerLeaves());
  }

  /**
   * Gives the peer a moment to close its side too. Closing a socket with bytes unread
   * resets the connection, and the peer may lose what we sent last.
   */
  async #untilGone(departure: Promise<void>): Promise<void> {
    const { leaving } = this.#context.deadlines;
    if (this.#phases.phase !== 'leaving') this.#phases.enter('leaving', leaving);
    await departure.catch(() => undefined); // it broke off, or was slower than the deadline
  }

  #keyId(engine: TlsEngine): KeyId | null {
    const der = engine.peerPublicKey();
    if (der === null) return null;
    const result = parseKeyId(hex(this.#context.sha256(der)));
    return result.kind === 'key-id' ? result.keyId : null;
  }

  #ending(error: unknown): ServerEnding {
    const { cut, phase } = this.#phases;
    if (cut !== null) return { kind: cut, phase };
    if (error instanceof MandosError && error.code === 'protocol') {
      return { kind: 'bad-tls', problem: error.message };
    }
    return { kind: 'left', phase };
  }
}

const PEER_LEFT = new MandosError('network', 'the peer left');
