import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { asciiBytes, concat } from '../../src/core/bytes.ts';
import { type Message, query } from '../../src/zeroconf/message.ts';
import { name, nameLength } from '../../src/zeroconf/name.ts';
import { parseMessage } from '../../src/zeroconf/parse-message.ts';
import type { RecordData, ResourceRecord } from '../../src/zeroconf/record.ts';
import { writeMessage } from '../../src/zeroconf/write-message.ts';

/** Objects like those that are written as literals. */
const record = <T>(model: { [K in keyof T]: fc.Arbitrary<T[K]> }): fc.Arbitrary<T> =>
  fc.record(model, { noNullPrototype: true });

const uint16 = fc.integer({ min: 0, max: 0xffff });
const byteString = (limits: { minLength: number; maxLength: number }) =>
  fc.uint8Array(limits).map((bytes) => String.fromCharCode(...bytes));
const label = byteString({ minLength: 1, maxLength: 63 });
const anyName = fc.array(label, { maxLength: 5 }).filter((labels) => nameLength(labels) <= 255);
const anyData: fc.Arbitrary<RecordData> = fc.oneof(
  record({
    kind: fc.constant('a' as const),
    address: fc.uint8Array({ minLength: 4, maxLength: 4 }),
  }),
  record({
    kind: fc.constant('aaaa' as const),
    address: fc.uint8Array({ minLength: 16, maxLength: 16 }),
  }),
  record({ kind: fc.constant('ptr' as const), target: anyName }),
  record({
    kind: fc.constant('srv' as const),
    priority: uint16,
    weight: uint16,
    port: uint16,
    target: anyName,
  }),
  record({ kind: fc.constant('txt' as const), bytes: fc.uint8Array({ maxLength: 300 }) }),
  record({
    kind: fc.constant('nsec' as const),
    next: anyName,
    types: fc
      .uniqueArray(fc.integer({ min: 1, max: 255 }))
      .map((types) => types.toSorted((one, other) => one - other)),
  }),
  record({
    kind: fc.constant('other' as const),
    type: fc.integer({ min: 256, max: 0xffff }),
    bytes: fc.uint8Array({ maxLength: 40 }),
  }),
);
const anyRecord: fc.Arbitrary<ResourceRecord> = record({
  name: anyName,
  recordClass: fc.integer({ min: 0, max: 0x7fff }),
  flush: fc.boolean(),
  ttl: fc.integer({ min: 0, max: 0xffffffff }),
  data: anyData,
});
const records = fc.array(anyRecord, { maxLength: 4 });
const anyMessage: fc.Arbitrary<Message> = record({
  id: uint16,
  response: fc.boolean(),
  truncated: fc.boolean(),
  questions: fc.array(
    record({
      name: anyName,
      type: uint16,
      questionClass: fc.integer({ min: 0, max: 0x7fff }),
      unicast: fc.boolean(),
    }),
    { maxLength: 4 },
  ),
  answers: records,
  authorities: records,
  additionals: records,
});

/** A message of so many questions, answers, authorities and additionals, and their bytes. */
function raw(counts: readonly [number, number, number, number], ...body: Uint8Array[]) {
  const header = [0, 0, 0x84, 0, ...counts.flatMap((count) => [count >> 8, count & 0xff])];
  return concat([Uint8Array.from(header), ...body]);
}

const bytes = (...values: number[]): Uint8Array => Uint8Array.from(values);
/** Type A, class IN with the cache-flush bit, TTL 120, and the length of its data. */
const A_RECORD = bytes(0, 1, 0x80, 1, 0, 0, 0, 120, 0, 4);

test('what is written is read back the same', () => {
  fc.assert(
    fc.property(anyMessage, (message) => {
      assert.deepEqual(parseMessage(writeMessage(message)), { kind: 'message', message });
    }),
  );
});

test('a query is laid out as RFC 1035 and RFC 6762 have it', () => {
  const question = { name: name('_mandos._tcp.local'), type: 12, questionClass: 1, unicast: true };
  const data = { kind: 'ptr', target: ['Mandos', ...question.name] } as const;
  const known = { name: question.name, recordClass: 1, flush: false, ttl: 4500, data };
  const written = writeMessage(query({ questions: [question], answers: [known] }));
  assert.deepEqual(
    written,
    concat([
      bytes(0, 0, 0, 0, 0, 1, 0, 1, 0, 0, 0, 0),
      asciiBytes('\x07_mandos\x04_tcp\x05local\x00'),
      bytes(0, 12, 0x80, 1),
      bytes(0xc0, 12, 0, 12, 0, 1, 0, 0, 0x11, 0x94, 0, 9),
      asciiBytes('\x06Mandos'),
      bytes(0xc0, 12),
    ]),
  );
});

test('names are compressed by their ends', () => {
  const question = (text: string) => {
    return { name: name(text), type: 255, questionClass: 1, unicast: false };
  };
  const both = writeMessage(query({ questions: [question('a.local'), question('b.a.local')] }));
  assert.equal(both.length, 12 + 9 + 4 + 4 + 4);
});

const PROBLEMS: Readonly<Record<string, Uint8Array>> = {
  nothing: bytes(),
  'a header that is cut short': bytes(0, 0, 0x84, 0, 0, 0),
  'an opcode': bytes(0, 0, 0x28, 0, 0, 0, 0, 0, 0, 0, 0, 0),
  'a response code': bytes(0, 0, 0x84, 3, 0, 0, 0, 0, 0, 0, 0, 0),
  'counts without records': raw([1, 0, 0, 0]),
  'huge counts': raw([0xffff, 0xffff, 0xffff, 0xffff], new Uint8Array(8000)),
  'a pointer to itself': raw([1, 0, 0, 0], bytes(0xc0, 12, 0, 1, 0, 1)),
  'a pointer forward': raw([1, 0, 0, 0], bytes(0xc0, 14, 0, 0, 1, 0, 1)),
  'a pointer to the label before it': raw([1, 0, 0, 0], bytes(1, 97, 0xc0, 12, 0, 1, 0, 1)),
  'two pointers to each other': raw([1, 0, 0, 0], bytes(0xc0, 14, 0xc0, 12, 0, 1, 0, 1)),
  'a pointer into the header': raw([1, 0, 0, 0], bytes(0xc0, 0, 0, 1, 0, 1)),
  'a label of a kind that is not in use': raw([1, 0, 0, 0], bytes(0x41, 97, 0, 0, 1, 0, 1)),
  'a label beyond the end': raw([1, 0, 0, 0], bytes(63, 97)),
  'a name of more than 255 bytes': raw(
    [1, 0, 0, 0],
    ...new Array<Uint8Array>(5).fill(concat([bytes(60), new Uint8Array(60)])),
    bytes(0, 0, 1, 0, 1),
  ),
  'an address of three bytes': raw([0, 1, 0, 0], bytes(0), A_RECORD.with(9, 3), bytes(1, 2, 3)),
  'an address of five bytes': raw([0, 1, 0, 0], bytes(0), A_RECORD.with(9, 5), new Uint8Array(5)),
  'data beyond the end': raw([0, 1, 0, 0], bytes(0), A_RECORD, bytes(1, 2, 3)),
  'an SRV record of length 0': raw([0, 1, 0, 0], bytes(0), A_RECORD.with(1, 33).with(9, 0)),
  'an NSEC record whose name is longer than it': raw(
    [0, 1, 0, 0],
    bytes(0),
    A_RECORD.with(1, 47).with(9, 1),
    bytes(1, 97, 0),
  ),
  'more than 9000 bytes': raw([0, 0, 0, 0], new Uint8Array(9000)),
};

for (const [what, packet] of Object.entries(PROBLEMS)) {
  test(`${what}: a problem, no message`, () => {
    assert.equal(parseMessage(packet).kind, 'problem');
  });
}

test('every beginning of a message is a problem, and none throws', () => {
  fc.assert(
    fc.property(anyMessage, (message) => {
      const whole = writeMessage(message);
      for (let length = 0; length < whole.length; length++) {
        assert.equal(parseMessage(whole.subarray(0, length)).kind, 'problem');
      }
    }),
    { numRuns: 20 },
  );
});
