import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { asciiBytes, concat, latin1Text } from '../../src/core/bytes.ts';
import {
  encodeHello,
  type HelloProblem,
  HelloReader,
  type HelloStep,
  helloLimit,
} from '../../src/protocol/hello.ts';

type Verdict = { rest: string } | HelloProblem | 'more';

const limitFilling = `1${' '.repeat(helloLimit - 3)}\r\n`;

/** `version 1` ones were each served by the original, unless said otherwise. */
const vectors: readonly (readonly [line: string, verdict: Verdict])[] = [
  ['1\r\n', { rest: '' }],
  ['1\n', { rest: '' }],
  ['1\r\n\x16\x03\x01', { rest: '\x16\x03\x01' }],
  ['1\n\n1\r\n', { rest: '\n1\r\n' }],
  ['1\r\r\n', { rest: '' }],
  ['1 \r\n', { rest: '' }],
  [' 1\r\n', { rest: '' }],
  ['\t\v\f\r1\r\n', { rest: '' }],
  ['1 hello\r\n', { rest: '' }],
  ['1\thello 2\r\n', { rest: '' }],
  ['1 \xff\0\r\n', { rest: '' }], // the original drops a line that is no UTF-8
  ['01\r\n', { rest: '' }],
  ['+1\r\n', { rest: '' }],
  ['0\r\n', { rest: '' }],
  ['-0\r\n', { rest: '' }],
  ['-1\r\n', { rest: '' }],
  ['-99\r\n', { rest: '' }],
  [`${'0'.repeat(500)}1\r\n`, { rest: '' }],
  [limitFilling, { rest: '' }],
  [`${limitFilling}rest`, { rest: 'rest' }],

  ['2\r\n', 'unsupported-version'],
  ['+2\r\n', 'unsupported-version'],
  ['10\r\n', 'unsupported-version'],
  ['11 \n', 'unsupported-version'],
  ['0002\n', 'unsupported-version'],
  [`${'9'.repeat(1000)}\n`, 'unsupported-version'],

  ['\r\n', 'no-version'],
  ['\n', 'no-version'],
  [' \t \r\n', 'no-version'],

  ['one\r\n', 'not-a-number'],
  ['1.0\r\n', 'not-a-number'],
  ['0.5\r\n', 'not-a-number'],
  ['1e0\r\n', 'not-a-number'],
  ['0x1\r\n', 'not-a-number'],
  ['nan\r\n', 'not-a-number'],
  ['2x\r\n', 'not-a-number'],
  ['+\r\n', 'not-a-number'],
  ['- 1\r\n', 'not-a-number'],
  ['+-1\r\n', 'not-a-number'],
  ['1\0\r\n', 'not-a-number'],
  ['1,\r\n', 'not-a-number'],
  ['\xef\xbb\xbf1\r\n', 'not-a-number'],
  ['0_1\r\n', 'not-a-number'], // served by the original, as are the digits of other scripts
  ['\xd9\xa1\r\n', 'not-a-number'],
  ['GET / HTTP/1.1\r\n', 'not-a-number'],
  ['\x16\x03\x01\x02\0', 'not-a-number'],

  ['x', 'not-a-number'],
  [`1${' '.repeat(helloLimit - 2)}\r\n`, 'too-long'],
  ['1'.padEnd(helloLimit, 'x').replace('1x', '1 '), 'too-long'],
  [' '.repeat(helloLimit), 'too-long'],
  ['0'.repeat(helloLimit), 'too-long'],
  ['1 '.padEnd(5000, 'x'), 'too-long'],

  ['', 'more'],
  ['1', 'more'],
  ['1\r', 'more'],
  ['  ', 'more'],
  ['-', 'more'],
  ['12', 'more'],
  [' '.repeat(helloLimit - 1), 'more'],
];

function bytesOf(text: string): Uint8Array {
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
}

/** Pushes pieces until the reader has an answer; what is left over goes behind its rest. */
function read(pieces: readonly Uint8Array[]): Verdict {
  const reader = new HelloReader();
  for (const [index, piece] of pieces.entries()) {
    const step: HelloStep = reader.push(piece);
    switch (step.kind) {
      case 'more':
        continue;
      case 'bad':
        return step.problem;
      case 'hello':
        assert.equal(step.version, 1);
        return { rest: latin1Text(concat([step.rest, ...pieces.slice(index + 1)])) };
      default:
        return step satisfies never;
    }
  }
  return 'more';
}

function cut(bytes: Uint8Array, size: number): Uint8Array[] {
  const pieces: Uint8Array[] = [];
  for (let from = 0; from < bytes.length; from += size) {
    pieces.push(bytes.subarray(from, from + size));
  }
  return pieces;
}

describe('the hello line', () => {
  for (const [line, verdict] of vectors) {
    const title = JSON.stringify(line.length > 40 ? `${line.slice(0, 40)}…` : line);
    test(`${title}, ${line.length} bytes: ${JSON.stringify(verdict)}`, () => {
      assert.deepEqual(read([bytesOf(line)]), verdict, 'whole');
      assert.deepEqual(read(cut(bytesOf(line), 1)), verdict, 'byte by byte');
    });
  }

  test('what is sent is what is understood', () => {
    assert.deepEqual(encodeHello(), asciiBytes('1\r\n'));
    assert.deepEqual(read([encodeHello(), bytesOf('TLS')]), { rest: 'TLS' });
  });

  test('how the bytes are cut makes no difference', () => {
    const byte = fc.oneof(
      fc.constantFrom(...asciiBytes('0112+-. \t\r\n')),
      fc.integer({ min: 0, max: 255 }),
    );
    fc.assert(
      fc.property(
        fc.array(byte, { maxLength: 1500 }),
        fc.integer({ min: 1, max: 9 }),
        (all, size) => {
          const bytes = Uint8Array.from(all);
          assert.deepEqual(read(cut(bytes, size)), read([bytes]));
        },
      ),
    );
  });

  test('a whole number up to 1 is served, and one above 1 is not', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: -(10n ** 30n), max: 10n ** 30n }), (version) => {
        const expected = version <= 1n ? { rest: '' } : 'unsupported-version';
        assert.deepEqual(read([asciiBytes(`${version}\r\n`)]), expected);
      }),
    );
  });

  test('N1: no line end within 1 KiB is judged at that byte, not later', () => {
    const reader = new HelloReader();
    assert.deepEqual(reader.push(bytesOf(' '.repeat(1023))), { kind: 'more' });
    assert.deepEqual(reader.push(bytesOf(' ')), { kind: 'bad', problem: 'too-long' });
  });

  test('the rest stays what it was when the input buffer is used again', () => {
    const buffer = bytesOf('1\r\nabc');
    const step = new HelloReader().push(buffer);
    buffer.fill(0);
    assert.deepEqual(step, { kind: 'hello', version: 1, rest: bytesOf('abc') });
  });

  for (const line of ['1\n', 'x']) {
    test(`once ${JSON.stringify(line)} is judged, there is no more to read`, () => {
      const reader = new HelloReader();
      reader.push(bytesOf(line));
      assert.throws(() => reader.push(bytesOf('1\n')), RangeError);
    });
  }
});
