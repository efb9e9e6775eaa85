/** What is written as a pickle is what Python's own `pickle` reads, and our reader too. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { readPickle } from '../../../src/server/store/pickle.ts';
import type { PickleValue } from '../../../src/server/store/pickle-value.ts';
import { writePickle } from '../../../src/server/store/pickle-writer.ts';
import { succeed } from '../../support/process.ts';
import { requires } from '../../support/requirements.ts';

/** Reads as the original does; tells what it has read, and writes it again as the original does. */
const PYTHON = `
import base64, datetime, json, pickle, sys
epoch = datetime.datetime(1970, 1, 1)
def told(value):
    if isinstance(value, dict): return {"dict": [[key, told(value[key])] for key in value]}
    if isinstance(value, (list, tuple)):
        return {type(value).__name__: [told(item) for item in value]}
    if isinstance(value, bytes): return {"bytes": value.decode("latin1")}
    if isinstance(value, datetime.datetime):
        return {"datetime": (value - epoch) // datetime.timedelta(milliseconds=1)}
    if isinstance(value, datetime.timedelta):
        return {"timedelta": value // datetime.timedelta(milliseconds=1)}
    return value
value = pickle.load(sys.stdin.buffer, encoding="bytes")
again = pickle.dumps(value, protocol=2)
json.dump([told(value), base64.b64encode(again).decode()], sys.stdout)
`;

/** As the script above tells it. */
function told(value: PickleValue): unknown {
  if (value === null || typeof value !== 'object') return value;
  switch (value.kind) {
    case 'bytes':
      return { bytes: value.text };
    case 'datetime':
    case 'timedelta':
      return { [value.kind]: value.milliseconds };
    case 'tuple':
    case 'list':
      return { [value.kind]: value.items.map(told) };
    case 'dict':
      return { dict: [...value.items].map(([key, item]) => [key, told(item)]) };
    case 'global':
      throw new Error('it is never written by itself');
  }
}

const FIRST_TIME = Date.parse('0100-01-01T00:00:00.000Z');
const LAST_TIME = Date.parse('9999-12-31T23:59:59.999Z');
const text = fc.string({ unit: 'binary' });
const { value } = fc.letrec<{ value: PickleValue; item: PickleValue }>((tie) => ({
  item: fc.oneof(
    fc.constantFrom(null, true, false),
    fc.oneof(fc.integer(), fc.integer({ min: -(2 ** 47), max: 2 ** 47 - 1 })),
    text,
    fc.uint8Array().map((bytes): PickleValue => {
      return { kind: 'bytes', text: Buffer.from(bytes).toString('latin1') };
    }),
    fc.integer({ min: FIRST_TIME, max: LAST_TIME }).map((milliseconds): PickleValue => {
      return { kind: 'datetime', milliseconds };
    }),
    fc.maxSafeInteger().map((milliseconds): PickleValue => {
      return { kind: 'timedelta', milliseconds };
    }),
  ),
  value: fc.oneof(
    tie('item'),
    fc.array(tie('value')).map((items): PickleValue => ({ kind: 'list', items })),
    fc.array(tie('value')).map((items): PickleValue => ({ kind: 'tuple', items })),
    fc.array(fc.tuple(text, tie('value'))).map((items): PickleValue => {
      return { kind: 'dict', items: new Map(items) };
    }),
  ),
}));

describe('a pickle that is written here', () => {
  test('is read here as what it was', () => {
    fc.assert(
      fc.property(value, (written) => assert.deepEqual(readPickle(writePickle(written)), written)),
    );
  });

  test('is read by Python, and Python’s is read here', requires('python'), async () => {
    const written: PickleValue = { kind: 'list', items: fc.sample(value, 100) };
    const output = await succeed('/usr/bin/python3', ['-c', PYTHON], {
      input: writePickle(written),
    });
    const [read, again] = JSON.parse(output.toString());
    assert.deepEqual(read, JSON.parse(JSON.stringify(told(written))));
    assert.deepEqual(told(readPickle(Buffer.from(again, 'base64'))), told(written));
  });

  test('holds no time and no number that Python’s types do not hold', () => {
    for (const milliseconds of [LAST_TIME + 1, Date.parse('0000-12-31'), Number.NaN, Infinity]) {
      assert.throws(() => writePickle({ kind: 'datetime', milliseconds }), RangeError);
    }
    for (const number of [0.5, Number.NaN, 2 ** 60]) {
      assert.throws(() => writePickle(number), RangeError);
    }
  });
});
