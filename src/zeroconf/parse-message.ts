import { LARGEST_MESSAGE, type Message, type Question } from './message.ts';
import { type RecordData, RecordType, type ResourceRecord } from './record.ts';
import { Malformed, WireReader } from './wire-reader.ts';

export type Parsed =
  | { readonly kind: 'message'; readonly message: Message }
  | { readonly kind: 'problem'; readonly problem: string };

/** Questions and records together; honest messages hold a few dozen. */
const MOST_RECORDS = 512;

/**
 * Parses a multicast DNS message. Total: whatever the bytes, it returns, in time linear to
 * their number (N3). What follows the last record is ignored. Of messages with an opcode
 * or a response code, RFC 6762, section 18, says that they must be ignored.
 */
export function parseMessage(bytes: Uint8Array): Parsed {
  if (bytes.length > LARGEST_MESSAGE) return { kind: 'problem', problem: 'a message is too large' };
  try {
    return { kind: 'message', message: readMessage(new WireReader(bytes)) };
  } catch (error) {
    if (error instanceof Malformed) return { kind: 'problem', problem: error.message };
    throw error;
  }
}

function readMessage(reader: WireReader): Message {
  const id = reader.uint16();
  const flags = reader.uint16();
  if ((flags & 0x7800) !== 0) throw new Malformed('a message has an unknown opcode');
  if ((flags & 0x000f) !== 0) throw new Malformed('a message reports an error');
  const [questions, answers, authorities, additionals] = [
    reader.uint16(),
    reader.uint16(),
    reader.uint16(),
    reader.uint16(),
  ];
  if (questions + answers + authorities + additionals > MOST_RECORDS) {
    throw new Malformed('a message has too many records');
  }
  return {
    id,
    response: (flags & 0x8000) !== 0,
    truncated: (flags & 0x0200) !== 0,
    questions: times(questions, () => readQuestion(reader)),
    answers: times(answers, () => readRecord(reader)),
    authorities: times(authorities, () => readRecord(reader)),
    additionals: times(additionals, () => readRecord(reader)),
  };
}

function times<T>(count: number, read: () => T): T[] {
  const list: T[] = [];
  for (let i = 0; i < count; i++) list.push(read());
  return list;
}

function readQuestion(reader: WireReader): Question {
  const name = reader.name();
  const type = reader.uint16();
  const classAndBit = reader.uint16();
  return { name, type, questionClass: classAndBit & 0x7fff, unicast: (classAndBit & 0x8000) !== 0 };
}

function readRecord(reader: WireReader): ResourceRecord {
  const name = reader.name();
  const type = reader.uint16();
  const classAndBit = reader.uint16();
  const ttl = reader.uint32();
  const length = reader.uint16();
  const end = reader.position + length;
  const data = readData(reader, type, length);
  if (reader.position !== end) throw new Malformed('a record has a wrong length');
  return {
    name,
    recordClass: classAndBit & 0x7fff,
    flush: (classAndBit & 0x8000) !== 0,
    ttl,
    data,
  };
}

function readData(reader: WireReader, type: number, length: number): RecordData {
  switch (type) {
    case RecordType.a:
      return { kind: 'a', address: reader.take(4) };
    case RecordType.aaaa:
      return { kind: 'aaaa', address: reader.take(16) };
    case RecordType.ptr:
      return { kind: 'ptr', target: reader.name() };
    case RecordType.txt:
      return { kind: 'txt', bytes: reader.take(length) };
    case RecordType.srv: {
      const [priority, weight, port] = [reader.uint16(), reader.uint16(), reader.uint16()];
      return { kind: 'srv', priority, weight, port, target: reader.name() };
    }
    case RecordType.nsec:
      return readNsec(reader, length);
    default:
      return { kind: 'other', type, bytes: reader.take(length) };
  }
}

/** Only the first window block is read; it has the types up to 255. */
function readNsec(reader: WireReader, length: number): RecordData {
  const end = reader.position + length;
  const next = reader.name();
  if (reader.position > end) throw new Malformed('a record has a wrong length');
  const blocks = reader.take(end - reader.position);
  const [window, size = 0] = blocks;
  const types: number[] = [];
  if (window === 0 && size <= 32) {
    for (const [index, byte] of blocks.subarray(2, 2 + size).entries()) {
      for (let bit = 0; bit < 8; bit++) {
        if ((byte & (0x80 >> bit)) !== 0) types.push(index * 8 + bit);
      }
    }
  }
  return { kind: 'nsec', next, types };
}
