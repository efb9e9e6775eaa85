/**
 * Writes Python pickles of protocol 2, of just the values that `clients.pickle` is made of; what
 * `readPickle` reads, Python 3 reads too, and the other way round.
 */
import type { PickleValue } from './pickle-value.ts';

/** Throws `RangeError` for what Python's types do not hold, such as a time in the year 10,000. */
export function writePickle(value: PickleValue): Buffer<ArrayBuffer> {
  const parts: Buffer[] = [Buffer.of(0x80 /* PROTO */, 2)];
  write(value, parts);
  parts.push(Buffer.of(0x2e /* STOP */));
  return Buffer.concat(parts);
}

const MARK = Buffer.of(0x28);
const REDUCE = Buffer.of(0x52);

function write(value: PickleValue, parts: Buffer[]): void {
  if (value === null) parts.push(Buffer.of(0x4e /* NONE */));
  else if (typeof value === 'boolean') parts.push(Buffer.of(value ? 0x88 : 0x89));
  else if (typeof value === 'number') parts.push(integer(value));
  else if (typeof value === 'string') parts.push(...text(value));
  else writeObject(value, parts);
}

function writeObject(value: Extract<PickleValue, object>, parts: Buffer[]): void {
  switch (value.kind) {
    case 'bytes':
      writeBytes(value.text, parts);
      return;
    case 'datetime':
      parts.push(global('datetime datetime'));
      writeBytes(packedTime(value.milliseconds).toString('latin1'), parts);
      parts.push(Buffer.of(0x85 /* TUPLE1 */), REDUCE);
      return;
    case 'timedelta':
      parts.push(global('datetime timedelta'), ...duration(value.milliseconds));
      parts.push(Buffer.of(0x87 /* TUPLE3 */), REDUCE);
      return;
    case 'global':
      parts.push(global(value.name));
      return;
    case 'tuple':
      parts.push(MARK);
      for (const item of value.items) write(item, parts);
      parts.push(Buffer.of(0x74 /* TUPLE */));
      return;
    case 'list':
      parts.push(Buffer.of(0x5d /* EMPTY_LIST */), MARK);
      for (const item of value.items) write(item, parts);
      parts.push(Buffer.of(0x65 /* APPENDS */));
      return;
    case 'dict':
      parts.push(Buffer.of(0x7d /* EMPTY_DICT */), MARK);
      for (const [key, item] of value.items) {
        parts.push(...text(key));
        write(item, parts);
      }
      parts.push(Buffer.of(0x75 /* SETITEMS */));
      return;
  }
}

function integer(value: number): Buffer {
  if (!Number.isSafeInteger(value)) throw new RangeError(`${value} is no whole number`);
  if (value >= -(2 ** 31) && value < 2 ** 31) {
    const plain = Buffer.of(0x4a /* BININT */, 0, 0, 0, 0);
    plain.writeInt32LE(value, 1);
    return plain;
  }
  const long = Buffer.of(0x8a /* LONG1 */, 6, 0, 0, 0, 0, 0, 0);
  long.writeIntLE(value, 2, 6);
  return long;
}

function text(value: string): [Buffer, Buffer] {
  const bytes = Buffer.from(value, 'utf8');
  const head = Buffer.of(0x58 /* BINUNICODE */, 0, 0, 0, 0);
  head.writeUInt32LE(bytes.length, 1);
  return [head, bytes];
}

/** Protocol 2 has no bytes: Python is told to encode a text. */
function writeBytes(latin1: string, parts: Buffer[]): void {
  parts.push(global('_codecs encode'), ...text(latin1), ...text('latin1'));
  parts.push(Buffer.of(0x86 /* TUPLE2 */), REDUCE);
}

function global(name: string): Buffer {
  return Buffer.from(`c${name.replace(' ', '\n')}\n`);
}

/** The latest year that Python's `datetime` holds. */
const LAST_YEAR = 9999;

/** As `dateTime` in pickle-call.ts reads it. */
function packedTime(milliseconds: number): Buffer {
  const time = new Date(milliseconds);
  const year = time.getUTCFullYear();
  if (!(year >= 1 && year <= LAST_YEAR)) throw new RangeError(`${milliseconds} is no time`);
  const packed = Buffer.alloc(10);
  packed.writeUInt16BE(year, 0);
  packed.writeUInt8(time.getUTCMonth() + 1, 2);
  packed.writeUInt8(time.getUTCDate(), 3);
  packed.writeUInt8(time.getUTCHours(), 4);
  packed.writeUInt8(time.getUTCMinutes(), 5);
  packed.writeUInt8(time.getUTCSeconds(), 6);
  packed.writeUIntBE(time.getUTCMilliseconds() * 1000, 7, 3);
  return packed;
}

const DAY = 86_400_000;

/** Days, seconds and microseconds. */
function duration(milliseconds: number): [Buffer, Buffer, Buffer] {
  const days = Math.floor(milliseconds / DAY);
  const rest = milliseconds - days * DAY;
  return [integer(days), integer(Math.floor(rest / 1000)), integer((rest % 1000) * 1000)];
}
