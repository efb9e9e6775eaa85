import { connect, type Socket } from 'node:net';
import type { Cancellation } from '../core/cancellation.ts';
import type { Log } from '../core/log.ts';
import { after, type Clock, seconds } from '../core/time.ts';
import type { EncodedBody } from './body-writer.ts';
import { socketPaths } from './bus-address.ts';
import { busFailure } from './bus-failure.ts';
import { DBusError, ErrorName } from './dbus-error.ts';
import { busRule, isFrom, NameOwners } from './match-rule.ts';
import type {
  MessageBus,
  OutgoingCall,
  OutgoingSignal,
  SignalListener,
  SignalMatch,
} from './message-bus.ts';
import { encoded, type Outgoing, outgoingCall, outgoingSignal } from './outgoing.ts';
import { PendingCalls } from './pending-calls.ts';
import { MAX_MESSAGE_BYTES, type Message, messageType, openWire } from './wire.ts';

const BUS = 'org.freedesktop.DBus';
const BUS_PATH = '/org/freedesktop/DBus';
const CALL_TIMEOUT = seconds(25);
const CONNECT_TIMEOUT = seconds(10);
const CLOSE_TIMEOUT = seconds(3);

/** A bus that takes nothing from us any more is not kept in memory for ever. */
const MAX_BACKLOG_BYTES = 4 * MAX_MESSAGE_BYTES;

/** RequestName: do not wait in a queue for it; and its answers "you have it". */
const DO_NOT_QUEUE = 4;
const PRIMARY_OWNER = 1;
const ALREADY_OWNER = 4;

export interface ConnectionContext {
  readonly clock: Clock;
  readonly log: Log;
  /** When it is aborted, a bus that has not let us in yet is not waited for. */
  readonly stop?: Cancellation;
}

interface Watch {
  readonly match: SignalMatch;
  readonly listener: SignalListener;
}

/** One connection to a message bus, from its greeting to its end; it never comes back. */
export class BusConnection implements MessageBus, AsyncDisposable {
  readonly closed: Promise<void>;
  readonly #log: Log;
  readonly #clock: Clock;
  readonly #socket: Socket;
  readonly #calls: PendingCalls;
  readonly #owners: NameOwners;
  readonly #watches: Watch[] = [];
  #serve: ((call: Message) => void) | null = null;
  #lastSerial = 0;

  private constructor(socket: Socket, { clock, log }: ConnectionContext) {
    this.#socket = socket;
    this.#log = log;
    this.#clock = clock;
    this.#calls = new PendingCalls(clock);
    this.#owners = new NameOwners(this);
    this.closed = new Promise((resolve) => socket.once('close', () => resolve()));
    socket.once('close', () =>
      this.#calls.rejectAll(new DBusError(ErrorName.disconnected, 'the message bus is gone')),
    );
  }

  /** Throws `MandosError` when no bus at this address lets us in, within ten seconds or in time. */
  static async open(address: string, context: ConnectionContext): Promise<BusConnection> {
    let failure: unknown;
    for (const path of socketPaths(address)) {
      if (context.stop?.aborted) break;
      try {
        return await BusConnection.#openSocket(path, context);
      } catch (error) {
        failure = error;
      }
    }
    const what = `cannot connect to the message bus at ${address}`;
    throw busFailure(what, failure, 'is dbus-daemon running');
  }

  static async #openSocket(path: string, context: ConnectionContext): Promise<BusConnection> {
    const { clock, stop } = context;
    const socket = connect(path);
    const connection = new BusConnection(socket, context);
    const giveUp = (): void => {
      socket.destroy(new Error(`${path} does not answer`));
    };
    const callOff = clock.at(after(clock.now(), CONNECT_TIMEOUT), giveUp);
    stop?.addEventListener('abort', giveUp, { once: true });
    try {
      await connection.#authenticate();
      await connection.#callBus('Hello');
      return connection;
    } catch (error) {
      socket.destroy();
      throw error;
    } finally {
      callOff();
      stop?.removeEventListener('abort', giveUp);
    }
  }

  #authenticate(): Promise<void> {
    return new Promise((resolve, reject) => {
      const wire = openWire(this.#socket);
      wire.on('connect', resolve);
      // After the greeting an error only explains the end, which `closed` tells of.
      wire.on('error', (error: Error) => {
        this.#log.log('debug', `message bus: ${error.message}`);
        this.#socket.destroy();
        reject(error);
      });
      wire.on('close', () => reject(new Error('the message bus ended the connection')));
      wire.on('handlerError', (error: Error) =>
        this.#log.log('error', `cannot handle a message of the bus: ${error.message}`),
      );
      wire.on('message', (message) => this.#receive(message));
    });
  }

  #receive(message: Message): void {
    switch (message.type) {
      case messageType.methodCall:
        this.#serve?.(message);
        return;
      case messageType.methodReturn:
      case messageType.error:
        this.#calls.settle(message);
        return;
      case messageType.signal:
        for (const { match, listener } of this.#watches) {
          if (isFrom(match, message, this.#owners))
            listener(message.body ?? [], message.path ?? '');
        }
    }
  }

  call(call: OutgoingCall): Promise<readonly unknown[]> {
    const serial = this.#nextSerial();
    const what = `${call.interface}.${call.member} of ${call.destination}`;
    const reply = this.#calls.wait(serial, what, call.timeout ?? CALL_TIMEOUT);
    if (!this.#send(outgoingCall(call, serial))) {
      const name = this.#socket.destroyed ? ErrorName.disconnected : ErrorName.failed;
      this.#calls.reject(serial, new DBusError(name, `cannot send ${what}`));
    }
    return reply;
  }

  signal(signal: OutgoingSignal): boolean {
    return this.#send(outgoingSignal(signal, this.#nextSerial()));
  }

  reply(message: Message, body?: EncodedBody): boolean {
    return this.#send({ message: { ...message, serial: this.#nextSerial() }, body });
  }

  async watch(match: SignalMatch, listener: SignalListener): Promise<void> {
    await this.#owners.follow(match.sender);
    this.#watches.push({ match, listener });
    await this.#callBus('AddMatch', 's', [busRule(match)]);
  }

  async requestName(name: string): Promise<boolean> {
    const [answer] = await this.#callBus('RequestName', 'su', [name, DO_NOT_QUEUE]);
    return answer === PRIMARY_OWNER || answer === ALREADY_OWNER;
  }

  async releaseName(name: string): Promise<void> {
    await this.#callBus('ReleaseName', 's', [name]);
  }

  serve(handler: (call: Message) => void): void {
    this.#serve = handler;
  }

  get backlog(): number {
    return this.#socket.writableLength;
  }

  /** What has been sent so far still goes out, if the bus takes it soon. */
  async close(): Promise<void> {
    if (!this.#socket.destroyed) this.#socket.destroySoon();
    const stop = this.#clock.at(after(this.#clock.now(), CLOSE_TIMEOUT), () =>
      this.#socket.destroy(),
    );
    await this.closed;
    stop();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #callBus(member: string, signature = '', body: readonly unknown[] = []) {
    return this.call({ destination: BUS, path: BUS_PATH, interface: BUS, member, signature, body });
  }

  #nextSerial(): number {
    this.#lastSerial = this.#lastSerial >= 0xffff_ffff ? 1 : this.#lastSerial + 1;
    return this.#lastSerial;
  }

  #send(outgoing: Outgoing): boolean {
    if (this.#socket.destroyed || this.#socket.writableEnded) return false;
    let parts: readonly Uint8Array[];
    try {
      parts = encoded(outgoing);
    } catch {
      // The library's text would quote the values, and one of them may be a secret (S4).
      const what = outgoing.message.member ?? 'a reply';
      this.#log.log('error', `cannot put ${what} into a D-Bus message`);
      return false;
    }
    const length = parts.reduce((sum, part) => sum + part.length, 0);
    if (length > MAX_MESSAGE_BYTES) return false;
    if (this.backlog + length > MAX_BACKLOG_BYTES) {
      this.#log.log('error', 'the message bus takes nothing from us: leaving it');
      this.#socket.destroy();
      return false;
    }
    for (const part of parts) this.#socket.write(part);
    return true;
  }
}
