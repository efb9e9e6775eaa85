import type { ByteStream } from '../core/byte-stream.ts';
import { type Cancellation, CancellationSource } from '../core/cancellation.ts';
import { MandosError } from '../core/error.ts';
import type { Blob } from '../core/secret.ts';
import { after, type Duration, seconds } from '../core/time.ts';
import type { OpenedBlob } from '../openpgp/open.ts';
import { askServer } from '../protocol/client-conversation.ts';
import type { TlsEngine } from '../protocol/tls-engine.ts';
import type { Platform } from './platform.ts';
import { formatServer, type ServerAddress } from './server-address.ts';

/** A server that is there answers in milliseconds; one that is not must not hold us up. */
const CONNECT_DEADLINE: Duration = seconds(10);
const HANDSHAKE_DEADLINE: Duration = seconds(30);
const RECEIVE_DEADLINE: Duration = seconds(30);

export type Answer =
  | { readonly kind: 'opened'; readonly blob: OpenedBlob }
  /** The server has nothing for us, now or ever; it does not say. */
  | { readonly kind: 'refused' };

export interface AskContext {
  readonly platform: Pick<Platform, 'clock' | 'connect' | 'log'>;
  readonly newEngine: () => TlsEngine;
  readonly open: (blob: Blob) => Promise<OpenedBlob>;
  /** Called when the server's machine has taken the connection. */
  readonly connected: () => void;
  /** Called when the server has shown itself in the handshake. */
  readonly shown: () => void;
  /** Makes a way to a server that cannot be reached, if that may help; kept until disposed of. */
  readonly makeWay: (server: ServerAddress) => Disposable | null;
}

/**
 * Asks one server once and opens what it gives. Waits without limit for a server that has
 * shown itself in the handshake, because the approval of a person may take hours.
 * @param end aborted when nobody wants the answer any more; it then rejects soon
 * @throws MandosError `network`, `deadline`, `protocol`, `blob-unusable` for what another try
 *   may better; anything else is here to stay
 */
export async function askForPassword(
  server: ServerAddress,
  context: AskContext,
  end: Cancellation,
): Promise<Answer> {
  const { clock, log } = context.platform;
  using way = new Way(server, context.makeWay);
  const stream = await way.tried(async () => await connect(server, context.platform, end));
  const cut = (): void => stream.destroy();
  end.addEventListener('abort', cut, { once: true });
  try {
    if (end.aborted) throw end.reason;
    context.connected();
    log.log('debug', `connected to ${formatServer(server)}`);
    const ending = await askServer(stream, {
      clock,
      handshakeDeadline: HANDSHAKE_DEADLINE,
      receiveDeadline: RECEIVE_DEADLINE,
      newEngine: context.newEngine,
      negotiated: (what) => {
        log.log('debug', `${formatServer(server)} negotiated ${what}`);
        context.shown();
      },
    });
    if (ending.kind === 'refused') return ending;
    using blob = ending.blob;
    log.log('debug', `${formatServer(server)} gave ${blob.bytes.length} bytes`);
    return { kind: 'opened', blob: await context.open(blob) };
  } finally {
    end.removeEventListener('abort', cut);
    stream.destroy();
  }
}

/** The way that was made to one server, if it needed one. */
class Way implements Disposable {
  readonly #server: ServerAddress;
  readonly #make: AskContext['makeWay'];
  #made: Disposable | null = null;

  constructor(server: ServerAddress, make: AskContext['makeWay']) {
    this.#server = server;
    this.#make = make;
  }

  /** Connects; a second time by a new way when there was none. */
  async tried<T>(connecting: () => Promise<T>): Promise<T> {
    try {
      return await connecting();
    } catch (error) {
      if (!(error instanceof MandosError) || error.code !== 'unreachable') throw error;
      this.#made = this.#make(this.#server);
      if (this.#made === null) throw error;
      return await connecting();
    }
  }

  [Symbol.dispose](): void {
    this.#made?.[Symbol.dispose]();
  }
}

async function connect(
  server: ServerAddress,
  platform: AskContext['platform'],
  end: Cancellation,
): Promise<ByteStream> {
  const { clock } = platform;
  const cancel = new CancellationSource();
  const stop = (): void => cancel.abort(end.reason);
  if (end.aborted) throw end.reason;
  end.addEventListener('abort', stop, { once: true });
  const callOff = clock.at(after(clock.now(), CONNECT_DEADLINE), () =>
    cancel.abort(new MandosError('deadline', 'no answer to the connection attempt')),
  );
  try {
    return await platform.connect(server, cancel);
  } finally {
    callOff();
    end.removeEventListener('abort', stop);
  }
}
