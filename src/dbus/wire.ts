/** The messages of D-Bus as bytes, by way of dbus-native: the only file that knows it. */
import type { Duplex } from 'node:stream';
import {
  type ConnectionOptions,
  createConnection,
  type DBusConnection,
  type Message,
  messageType,
  Variant,
} from 'dbus-native';
import codec from 'dbus-native/lib/message.js';

export { type Message, messageType, Variant };

/** What a message bus lets through unless told otherwise; also what Debian's system bus does. */
export const MAX_MESSAGE_BYTES = 32 * 1024 * 1024;

/** Answered by nobody (D-Bus specification, "Message Format"). */
export const NO_REPLY_EXPECTED = 1;

/**
 * Dicts as arrays of pairs, so that no key can mean something to JavaScript; variants with
 * their signature; 64-bit integers as `bigint`.
 */
const SHAPES = {
  plainValues: false,
  variants: 'wrap',
  returnBigInt: true,
  // Shared with the message, so that a secret has one copy less to be wiped (S4).
  ayBuffer: 'view',
} as const satisfies ConnectionOptions;

/** Throws when the body does not fit its signature. */
export function encodeMessage(message: Message): Buffer {
  return codec.marshall(message);
}

/** The bytes before a body that is bytes already; the message has its signature, but not it. */
export function encodeHeader(message: Message, bodyLength: number): Buffer {
  const header = codec.marshall(message);
  // The length of the body is the second field of the fixed part, little-endian.
  header.writeUInt32LE(bodyLength, 4);
  return header;
}

/** Throws when the bytes are no message. */
export function decodeMessage(bytes: Buffer): Message {
  return codec.unmarshall(bytes, SHAPES);
}

/**
 * Authenticates on a stream that leads to a bus. Only as the user that the kernel says we
 * are: the other ways read files or prove nothing.
 */
export function openWire(stream: Duplex): DBusConnection {
  return createConnection({ ...SHAPES, stream, authMethods: ['EXTERNAL'] });
}

export function variant<T>(signature: string, value: T): Variant<T> {
  return new Variant(signature, value);
}
