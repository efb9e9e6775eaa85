/** The part of dbus-native that makes a message's bytes; its own declarations leave it out. */
declare module 'dbus-native/lib/message.js' {
  import type { Message } from 'dbus-native';

  const codec: {
    /** Throws when the body does not fit its signature. */
    marshall(message: Message): Buffer;
    /** Throws when the bytes are no message. `options` as for `createConnection`. */
    unmarshall(bytes: Buffer, options?: object): Message;
  };
  export default codec;
}
