import type { Duration } from '../core/time.ts';
import type { EncodedBody } from './body-writer.ts';
import type { Message } from './wire.ts';

/** A call to make. `signature` may be left out when there are no arguments. */
export interface OutgoingCall {
  readonly destination: string;
  readonly path: string;
  readonly interface: string;
  readonly member: string;
  readonly signature?: string;
  readonly body?: readonly unknown[];
  /** 25 seconds unless told, as everywhere on D-Bus. */
  readonly timeout?: Duration;
}

export interface OutgoingSignal {
  readonly path: string;
  readonly interface: string;
  readonly member: string;
  readonly signature?: string;
  readonly body?: readonly unknown[] | EncodedBody;
}

/** Which signals to be told about. */
export interface SignalMatch {
  /** A name on the bus; signals that other programs forge in its name are left out. */
  readonly sender: string;
  readonly interface: string;
  readonly member: string;
  readonly path?: string;
  /** The first argument, a string. */
  readonly arg0?: string;
}

export type SignalListener = (body: readonly unknown[], path: string) => void;

/** An open connection to a message bus: what programs do with one. */
export interface MessageBus {
  /** Resolves with the values of the reply; rejects with `DBusError`. */
  call(call: OutgoingCall): Promise<readonly unknown[]>;
  /** False when the signal could not be sent: its values do not fit, or nobody listens any more. */
  signal(signal: OutgoingSignal): boolean;
  /** Calls `listener` for each such signal until the connection ends. */
  watch(match: SignalMatch, listener: SignalListener): Promise<void>;
  /** Takes a name that nobody has, without queueing; false when another program has it. */
  requestName(name: string): Promise<boolean>;
  releaseName(name: string): Promise<void>;
  /** Who gets the calls that others make to us; there is one at most. */
  serve(handler: (call: Message) => void): void;
  /** Sends the answer to a call, with a body of its own or this one. False when it cannot be sent. */
  reply(message: Message, body?: EncodedBody): boolean;
  /** Bytes that the bus has not taken from us yet. */
  readonly backlog: number;
  /** Resolves when the connection has ended, whoever ended it. */
  readonly closed: Promise<void>;
  close(): Promise<void>;
}
