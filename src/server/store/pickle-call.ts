import {
  type KnownGlobal,
  type PickleBytes,
  PickleError,
  type PickleValue,
} from './pickle-value.ts';

/**
 * What the four callables of `KNOWN_GLOBALS` make of their arguments, in no time: bytes stay
 * the text they are written as. Throws `PickleError`.
 */
export function callGlobal(name: KnownGlobal, args: readonly PickleValue[]): PickleValue {
  switch (name) {
    case '_codecs encode': {
      const [text, encoding] = args;
      if (typeof text !== 'string' || encoding !== 'latin1' || args.length !== 2) break;
      return { kind: 'bytes', text };
    }
    case '__builtin__ bytes':
      if (args.length !== 0) break;
      return { kind: 'bytes', text: '' };
    case 'datetime datetime':
      return dateTime(args);
    case 'datetime timedelta':
      return timeDelta(args);
  }
  throw new PickleError('bytes are malformed');
}

/** The bytes themselves. Throws `PickleError` when there is more in them than bytes. */
export function bytesOf({ text }: PickleBytes): Uint8Array {
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code > 0xff) throw new PickleError('bytes are malformed');
    bytes[i] = code;
  }
  return bytes;
}

/** Ten bytes: year (2), month, day, hour, minute, second, microseconds (3), big-endian. */
const DATE_TIME_LENGTH = 10;

function dateTime(args: readonly PickleValue[]): PickleValue {
  const [state] = args;
  const isBytes = typeof state === 'object' && state !== null && state.kind === 'bytes';
  if (!isBytes || args.length !== 1 || state.text.length !== DATE_TIME_LENGTH) {
    throw new PickleError('a time is malformed');
  }
  const packed = Buffer.from(bytesOf(state));
  const time = Date.UTC(
    packed.readUInt16BE(0),
    packed.readUInt8(2) - 1,
    packed.readUInt8(3),
    packed.readUInt8(4),
    packed.readUInt8(5),
    packed.readUInt8(6),
    Math.floor(packed.readUIntBE(7, 3) / 1000),
  );
  return { kind: 'datetime', milliseconds: time };
}

/** The longest that Python's `timedelta` holds. */
const MOST_DAYS = 999_999_999;

function timeDelta(args: readonly PickleValue[]): PickleValue {
  const [days, seconds, microseconds] = args;
  if (
    args.length !== 3 ||
    !Number.isSafeInteger(days) ||
    !Number.isSafeInteger(seconds) ||
    !Number.isSafeInteger(microseconds) ||
    Math.abs(Number(days)) > MOST_DAYS
  ) {
    throw new PickleError('a length of time is malformed');
  }
  const whole = (Number(days) * 86_400 + Number(seconds)) * 1000;
  return { kind: 'timedelta', milliseconds: whole + Math.round(Number(microseconds) / 1000) };
}
