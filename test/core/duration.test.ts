import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { parseDuration } from '../../src/core/duration.ts';
import { MandosError } from '../../src/core/error.ts';

const DAY = 86_400_000;

const MEASURED: readonly (readonly [string, number])[] = [
  ['P1Y', 364 * DAY],
  ['P1M', 28 * DAY],
  ['P1W', 7 * DAY],
  ['P1D', DAY],
  ['PT1H', 3_600_000],
  ['PT1M', 60_000],
  ['PT1S', 1000],
  ['P1Y2M3DT4H5M6S', 36_561_906_000],
  ['P1Y1M', 392 * DAY],
  ['P1M1D', 29 * DAY],
  ['P1Y1M1D', 393 * DAY],
  ['P1DT1S', DAY + 1000],
  ['P1DT1H', DAY + 3_600_000],
  ['PT1H1M1S', 3_661_000],
  ['P2W', 14 * DAY],
  ['P0W', 0],
  ['PT0S', 0],
  ['PT00S', 0],
  ['PT10000M', 600_000_000],
  ['', 0],
  ['5m', 300_000],
  ['1h 30m', 5_400_000],
  ['1h  30m', 5_400_000],
  [' 1h', 3_600_000],
  ['1h ', 3_600_000],
  ['1h\n30m', 5_400_000],
  ['1h\t30m', 5_400_000],
  ['2d', 2 * DAY],
  ['1w', 7 * DAY],
  ['30s', 30_000],
  ['0s', 0],
  ['00m', 0],
  ['5m 5m', 600_000],
  ['1w 2d 3h 4m 5s', 788_645_000],
];

const LEGAL_AND_REFUSED_BY_THE_ORIGINAL: readonly (readonly [string, number])[] = [
  ['P1YT1H', 364 * DAY + 3_600_000],
  ['P1YT1S', 364 * DAY + 1000],
  ['P1MT1M', 28 * DAY + 60_000],
];

const REFUSED_BY_THE_ORIGINAL_TOO = [
  ...['P', 'PT', 'P1', 'PT1', 'P1S', 'P1H', 'PT1D', 'PT1Y', 'P1DT', 'P1Y1D', 'PT1H1S'],
  ...['P1WT1S', 'P1W1D', 'P1D1W', 'P1M1Y', 'PT1S1M', 'PT1M1H'],
  ...['P1DT1H1S', 'P1D1D', 'P1DT1S1S', 'P-1D', '-P1D', '+P1D', ' P1D', 'P1D ', 'p1d', 'P1d'],
  ...['P1.5D', 'PT1.5S', 'PT1,5S', 'P 1D', 'P1 D', 'PT1_0S', 'P²D', 'PT1S\0'],
  ...['1D', '5M', '5H', '5W', '5S', '5y', '5x', '5', 'm', '5 m', '1h30m', '1.5h', '1h,30m'],
];

test('a duration means what it means to the original', () => {
  for (const [text, expected] of MEASURED) assert.equal(parseDuration(text), expected, text);
});

test('a time of day may follow any date, as RFC 3339 has it', () => {
  for (const [text, expected] of LEGAL_AND_REFUSED_BY_THE_ORIGINAL) {
    assert.equal(parseDuration(text), expected, text);
  }
});

test('what the original refuses is refused', () => {
  for (const text of REFUSED_BY_THE_ORIGINAL_TOO) {
    assert.throws(() => parseDuration(text), isConfigError, text);
  }
});

test('a negative time is refused, whatever it adds up to', () => {
  for (const text of ['-5m', '10m -5m']) assert.throws(() => parseDuration(text), isConfigError);
});

test('a duration too long to count is refused and says so', () => {
  for (const text of [
    'PT99999999999999999999S',
    '99999999999w',
    'PT2251799813686S',
    `P${'9'.repeat(5000)}D`,
  ]) {
    assert.throws(() => parseDuration(text), /too long/);
  }
});

test('an error message quotes little of a long text', () => {
  assert.throws(
    () => parseDuration('x'.repeat(100_000)),
    (error: unknown) => error instanceof MandosError && error.message.length < 100,
  );
});

const count = fc.nat(1000);

test('every legal combination of units is the sum of its parts', () => {
  fc.assert(
    fc.property(count, count, count, count, count, count, (y, mo, d, h, mi, s) => {
      const date = y * 364 * DAY + mo * 28 * DAY + d * DAY;
      const time = h * 3_600_000 + mi * 60_000 + s * 1000;
      assert.equal(parseDuration(`P${y}Y${mo}M${d}DT${h}H${mi}M${s}S`), date + time);
      assert.equal(
        parseDuration(`P${mo}M${d}DT${mi}M${s}S`),
        date - y * 364 * DAY + time - h * 3_600_000,
      );
    }),
  );
});

test('the old form is a sum in any order', () => {
  const units: Readonly<Record<string, number>> = {
    w: 7 * DAY,
    d: DAY,
    h: 3_600_000,
    m: 60_000,
    s: 1000,
  };
  const term = fc.tuple(count, fc.constantFrom(...Object.keys(units)));
  fc.assert(
    fc.property(fc.array(term, { minLength: 1 }), (terms) => {
      const text = terms.map(([number, unit]) => `${number}${unit}`).join(' ');
      const sum = terms.reduce((total, [number, unit]) => total + number * (units[unit] ?? 0), 0);
      assert.equal(parseDuration(text), sum);
    }),
  );
});

test('any text is a duration or a MandosError', () => {
  const characters = fc.constantFrom(...'PTYMWDHS0123456789 wdhms.-+'.split(''));
  const text = fc.oneof(fc.string(), fc.string({ unit: characters }));
  fc.assert(
    fc.property(text, (input) => {
      try {
        assert.ok(parseDuration(input) >= 0);
      } catch (error) {
        assert.ok(isConfigError(error));
      }
    }),
  );
});

function isConfigError(error: unknown): boolean {
  return error instanceof MandosError && error.code === 'config-value';
}
