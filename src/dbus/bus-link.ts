import { MandosError } from '../core/error.ts';
import type { Log } from '../core/log.ts';
import { after, type Clock, type Duration, milliseconds, seconds } from '../core/time.ts';
import { busFailure } from './bus-failure.ts';
import { BusConnection } from './connection.ts';
import type { MessageBus } from './message-bus.ts';

/** What is done with each connection; `use` resolves when it is ready, and throws to leave it. */
export interface BusUser {
  /** Called for each new connection. Throws when this one is of no use; another is then tried. */
  use(bus: MessageBus): Promise<void>;
  /** Called when a connection that was in use is gone. */
  lost(): void;
}

export interface BusLinkContext {
  readonly address: string;
  readonly clock: Clock;
  readonly log: Log;
  readonly user: BusUser;
}

/** From the first pause to the longest one, twice as long each time. */
const FIRST_PAUSE = milliseconds(250);
const LONGEST_PAUSE = seconds(5);

function* pauses(): Generator<Duration, never> {
  let pause = FIRST_PAUSE;
  for (;;) {
    yield pause;
    pause = milliseconds(Math.min(2 * pause, LONGEST_PAUSE));
  }
}

/**
 * Keeps a connection to the bus as long as it is open: when the bus restarts, or what it was
 * wanted for does not work out, it connects again after a pause that grows.
 */
export class BusLink implements AsyncDisposable {
  readonly #context: BusLinkContext;
  readonly #running: Promise<void>;
  readonly #firstTry = Promise.withResolvers<void>();
  #connection: BusConnection | null = null;
  #wake: (() => void) | null = null;
  /** What went wrong the last time, when nothing has gone well since. */
  #told: string | null = null;
  readonly #stop = new AbortController();

  constructor(context: BusLinkContext) {
    this.#context = context;
    this.#firstTry.promise.catch(() => undefined);
    this.#running = this.#run();
  }

  /** How the first attempt went; the link goes on trying when it failed with `MandosError`. */
  get firstTry(): Promise<void> {
    return this.#firstTry.promise;
  }

  async #run(): Promise<void> {
    let waits = pauses();
    while (!this.#closing) {
      try {
        await this.#session();
        waits = pauses();
        this.#told = null;
      } catch (error) {
        this.#report(error);
      }
      if (!this.#closing) await this.#pause(waits.next().value);
    }
  }

  /** Resolves at the end of a connection that could be used. */
  async #session(): Promise<void> {
    const { address, clock, log, user } = this.#context;
    const { signal: stop } = this.#stop;
    await using connection = await BusConnection.open(address, { clock, log, stop });
    this.#connection = connection;
    try {
      if (this.#closing) return;
      await user.use(connection);
      this.#firstTry.resolve();
      await connection.closed;
    } finally {
      this.#connection = null;
      user.lost();
    }
    if (!this.#closing) this.#context.log.log('warning', 'the message bus is gone');
  }

  #report(error: unknown): void {
    const failure = asMandosError(error, this.#context.address);
    this.#firstTry.reject(failure);
    // The same again is no news.
    const level = failure.message === this.#told ? 'debug' : 'warning';
    this.#told = failure.message;
    this.#context.log.log(level, `${failure.message}; trying again`);
  }

  get #closing(): boolean {
    return this.#stop.signal.aborted;
  }

  #pause(duration: Duration): Promise<void> {
    const { clock } = this.#context;
    return new Promise((resolve) => {
      const callOff = clock.at(after(clock.now(), duration), resolve);
      this.#wake = () => {
        callOff();
        resolve();
      };
    });
  }

  /** Sends what is on its way, and ends. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort();
    this.#wake?.();
    await this.#connection?.close();
    await this.#running;
  }
}

function asMandosError(error: unknown, address: string): MandosError {
  if (error instanceof MandosError) return error;
  return busFailure(`cannot use the message bus at ${address}`, error);
}
