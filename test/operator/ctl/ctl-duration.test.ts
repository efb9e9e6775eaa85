import assert from 'node:assert/strict';
import test from 'node:test';
import { parseCtlDuration } from '../../../src/operator/ctl/ctl-duration.ts';

const UNDERSTOOD: readonly (readonly [string, number, 'old' | 'rfc'])[] = [
  ['PT5M', 300_000, 'rfc'],
  ['PT0S', 0, 'rfc'],
  ['P1DT2H', 93_600_000, 'rfc'],
  ['5m', 300_000, 'old'],
  ['1h30m', 5_400_000, 'old'],
  ['1h 30m', 5_400_000, 'old'],
  [' 1d,\t2h ', 93_600_000, 'old'],
  ['1w 1d 1h 1m 1s', 694_861_000, 'old'],
  ['5m5m', 600_000, 'old'],
  ['5', 5, 'old'],
  ['0', 0, 'old'],
];

for (const [text, milliseconds, form] of UNDERSTOOD) {
  test(`${JSON.stringify(text)} is ${milliseconds} ms`, () => {
    assert.deepEqual(parseCtlDuration(text), {
      duration: milliseconds,
      oldForm: form === 'old',
    });
  });
}

// The original takes each of these for some time, mostly next to nothing.
const REFUSED = [
  '',
  ' ',
  ',',
  'xx',
  'PT5',
  'P1Y1D',
  'P1DT',
  'p1d',
  '5x',
  '5 m',
  '5M',
  '-5',
  '+5m',
  '1.5h',
  '1e3s',
  '10 minutes',
  '٣m',
];

for (const text of REFUSED) {
  test(`${JSON.stringify(text)} is refused`, () => {
    assert.throws(() => parseCtlDuration(text), { code: 'config-value' });
  });
}

test('a time that cannot be counted is refused', () => {
  assert.throws(() => parseCtlDuration(`${'9'.repeat(20)}d`), { code: 'config-value' });
});

test('a long text takes no long time', () => {
  assert.throws(() => parseCtlDuration(`${'1'.repeat(100_000)}x`), { code: 'config-value' });
});
