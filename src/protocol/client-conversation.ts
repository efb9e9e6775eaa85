/**
 * One conversation as the Mandos client has it: hello line, TLS handshake (as the TLS
 * server: the roles are swapped), then the blob, or nothing at all when the server has
 * none for us.
 */

import type { ByteStream } from '../core/byte-stream.ts';
import { MandosError } from '../core/error.ts';
import { Blob } from '../core/secret.ts';
import { after, type Clock, type Duration } from '../core/time.ts';
import { wipeableBytes, wipeableCopy } from '../core/wipeable-bytes.ts';
import { encodeHello } from './hello.ts';
import type { TlsEngine } from './tls-engine.ts';
import { TlsSession } from './tls-session.ts';

/** The largest blob taken from a server (N6). */
export const MAX_BLOB_BYTES = 1_048_576;

/**
 * The most that is read from a server, TLS records and all. Honest records add 22 bytes to
 * 16 kB each; a server that wraps every byte in a record of its own does not get far.
 */
const MAX_RECEIVED_BYTES = MAX_BLOB_BYTES + 262_144;

export interface ClientContext {
  readonly clock: Clock;
  /** From the hello to the end of the handshake, absolute. */
  readonly handshakeDeadline: Duration;
  /** For the blob to arrive once its first byte has; before that, approval may take hours. */
  readonly receiveDeadline: Duration;
  /** A new TLS engine in the TLS server's role, with the client's key. */
  readonly newEngine: () => TlsEngine;
  /** Told what was negotiated, for the debug log. */
  readonly negotiated?: (description: string) => void;
}

export type ClientEnding =
  | { readonly kind: 'blob'; readonly blob: Blob }
  /** The server closed without a word: it does not know our key, or will not give now. */
  | { readonly kind: 'refused' };

/**
 * Asks one server for the blob. The stream is destroyed when it returns; destroying it
 * from outside makes it reject.
 * @throws MandosError `network`, `protocol` or `deadline`
 */
export async function askServer(stream: ByteStream, context: ClientContext): Promise<ClientEnding> {
  const engine = context.newEngine();
  const deadline = new Deadline(stream, context.clock);
  try {
    deadline.set(context.handshakeDeadline);
    await stream.write(encodeHello());
    const session = new TlsSession(engine, stream, new Uint8Array(0), MAX_RECEIVED_BYTES);
    await session.handshake();
    await session.flush();
    deadline.clear();
    const description = engine.describe();
    if (description !== null) {
      const { version, cipher, group } = description;
      context.negotiated?.(`${version} ${cipher} ${group}`);
    }
    return await receiveBlob(session, deadline, context.receiveDeadline);
  } catch (error) {
    throw deadline.explain(error);
  } finally {
    deadline.clear();
    engine.close();
    stream.destroy();
  }
}

async function receiveBlob(
  session: TlsSession,
  deadline: Deadline,
  limit: Duration,
): Promise<ClientEnding> {
  const received = new ReceivedBlob();
  try {
    for (;;) {
      const read = await session.read();
      if (read.kind !== 'data') break; // cut short or not: the blob carries its own seal
      if (received.length === 0) deadline.set(limit);
      received.append(read.bytes);
      read.bytes.fill(0);
    }
    await session.close().catch(() => undefined); // the server may be gone already
    if (received.length === 0) return { kind: 'refused' };
    return { kind: 'blob', blob: new Blob(received.bytes()) };
  } finally {
    received.wipe();
  }
}

/**
 * What has come so far, in one array that grows: a server may send a byte at a time, and a
 * list of a million arrays would fill the memory of a small machine (N6).
 */
class ReceivedBlob {
  #buffer = wipeableBytes(4096);
  length = 0;

  append(bytes: Uint8Array): void {
    const length = this.length + bytes.length;
    if (length > MAX_BLOB_BYTES) {
      throw new MandosError('protocol', `the server sent more than ${MAX_BLOB_BYTES} bytes`);
    }
    if (length > this.#buffer.length) {
      const larger = wipeableBytes(Math.max(length, 2 * this.#buffer.length));
      larger.set(this.#buffer);
      this.wipe();
      this.#buffer = larger;
    }
    this.#buffer.set(bytes, this.length);
    this.length = length;
  }

  bytes(): Uint8Array {
    return wipeableCopy(this.#buffer.subarray(0, this.length));
  }

  wipe(): void {
    this.#buffer.fill(0);
  }
}

/** One alarm at a time that destroys the stream. */
class Deadline {
  readonly #stream: ByteStream;
  readonly #clock: Clock;
  #passed = false;
  #callOff: () => void = () => undefined;

  constructor(stream: ByteStream, clock: Clock) {
    this.#stream = stream;
    this.#clock = clock;
  }

  set(limit: Duration): void {
    this.#callOff();
    this.#callOff = this.#clock.at(after(this.#clock.now(), limit), () => {
      this.#passed = true;
      this.#stream.destroy();
    });
  }

  clear(): void {
    this.#callOff();
    this.#callOff = () => undefined;
  }

  /** The error to report: that the deadline passed, if that is why the stream broke. */
  explain(cause: unknown): unknown {
    if (this.#passed) return new MandosError('deadline', 'the server took too long', { cause });
    if (cause instanceof MandosError) return cause;
    const why = cause instanceof Error ? cause.message : String(cause);
    return new MandosError('network', `the connection was lost (${why})`, { cause });
  }
}
