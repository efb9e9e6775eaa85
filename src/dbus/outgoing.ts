/** What we send, as messages and as bytes. */
import { EncodedBody } from './body-writer.ts';
import type { OutgoingCall, OutgoingSignal } from './message-bus.ts';
import { encodeHeader, encodeMessage, type Message, messageType } from './wire.ts';

export interface Outgoing {
  readonly message: Message;
  /** The body, when it is bytes already; otherwise it is in the message. */
  readonly body?: EncodedBody | undefined;
}

export function outgoingCall(call: OutgoingCall, serial: number): Outgoing {
  const { destination, path, interface: interfaceName, member, signature = '', body = [] } = call;
  const type = messageType.methodCall;
  const message = { type, serial, destination, path, interface: interfaceName, member };
  return { message: signature === '' ? message : { ...message, signature, body: [...body] } };
}

export function outgoingSignal(signal: OutgoingSignal, serial: number): Outgoing {
  const { path, interface: interfaceName, member, signature = '', body = [] } = signal;
  const message = { type: messageType.signal, serial, path, interface: interfaceName, member };
  if (signature === '') return { message };
  if (body instanceof EncodedBody) return { message: { ...message, signature }, body };
  return { message: { ...message, signature, body: [...body] } };
}

/** To be sent one after the other. Throws when the body does not fit its signature. */
export function encoded({ message, body }: Outgoing): readonly Uint8Array[] {
  if (body === undefined) return [encodeMessage(message)];
  return [encodeHeader(message, body.bytes.length), body.bytes];
}
