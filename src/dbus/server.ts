import { EncodedBody } from './body-writer.ts';
import { DBusError, ErrorName } from './dbus-error.ts';
import { type DispatchContext, dispatch, type Outcome, wantsReply } from './dispatch.ts';
import type { MessageBus } from './message-bus.ts';
import { MAX_MESSAGE_BYTES, type Message, messageType } from './wire.ts';

/**
 * Answers the calls that come over `bus`, each exactly once if its sender wants an answer.
 * A reply that is too large or cannot be sent becomes an error.
 */
export function serveObjects(bus: MessageBus, context: DispatchContext): void {
  bus.serve((call) => {
    answerCall(bus, call, context).catch((error: unknown) => {
      const kind = error instanceof Error ? error.name : typeof error;
      context.log.log('error', `cannot answer a D-Bus call (${kind})`);
    });
  });
}

async function answerCall(bus: MessageBus, call: Message, context: DispatchContext) {
  // Somebody who asks for large replies and does not read them fills only so much memory.
  const outcome: Outcome =
    bus.backlog > 2 * MAX_MESSAGE_BYTES ? tooMuch() : await dispatch(call, context);
  if (!wantsReply(call)) return;
  if (outcome.kind === 'error') {
    bus.reply(errorReply(call, outcome.error));
    return;
  }
  if (!sendValues(bus, call, outcome)) bus.reply(errorReply(call, tooLarge()));
}

function sendValues(bus: MessageBus, call: Message, outcome: Outcome & { kind: 'values' }) {
  const { signature, values } = outcome;
  const reply = { type: messageType.methodReturn, ...addressed(call) };
  if (signature === '') return bus.reply(reply);
  if (values instanceof EncodedBody) return bus.reply({ ...reply, signature }, values);
  return bus.reply({ ...reply, signature, body: [...values] });
}

function addressed({ sender, serial }: Message): Message {
  return {
    ...(sender === undefined ? {} : { destination: sender }),
    ...(serial === undefined ? {} : { replySerial: serial }),
  };
}

function errorReply(call: Message, { errorName, message }: DBusError): Message {
  return {
    type: messageType.error,
    ...addressed(call),
    errorName,
    signature: 's',
    // A message with a zero character or half a surrogate pair would cost us the connection.
    body: [message.replaceAll('\0', '�').toWellFormed()],
  };
}

function tooLarge(): DBusError {
  return new DBusError(
    ErrorName.limitsExceeded,
    'the answer is larger than the bus lets through; ask for one client at a time',
  );
}

function tooMuch(): Outcome {
  const message = 'too many answers have not been read yet';
  return { kind: 'error', error: new DBusError(ErrorName.limitsExceeded, message) };
}
