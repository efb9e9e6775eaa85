import assert from 'node:assert/strict';
import test from 'node:test';
import { MandosError } from '../../src/core/error.ts';
import { parseExpiry } from '../../src/openpgp/expiry.ts';

const NOW = new Date('2026-11-23T10:00:00Z');
const DAY = 86_400;

// What gpg 2.2.40 made of the same text at the same moment.
const AS_GPG: readonly [string, number][] = [
  ['0', 0],
  ['none', 0],
  ['never', 0],
  ['0d', 0],
  ['5', 5 * DAY],
  ['2d', 2 * DAY],
  ['5D', 5 * DAY],
  ['3w', 21 * DAY],
  ['2m', 60 * DAY],
  ['1y', 365 * DAY],
  ['seconds=1000', 1000],
  ['seconds=0', 0],
  ['2027-06-01', 1_811_851_200 - 1_795_428_000],
  ['20270601T101112', 1_811_844_672 - 1_795_428_000],
];

for (const [text, lifetime] of AS_GPG) {
  test(`a key with expiry '${text}' lives ${lifetime} seconds, as gpg says`, () => {
    assert.equal(parseExpiry(text, NOW), lifetime);
  });
}

for (const text of ['abc', '1h', '-1', '5 d', '2020-01-01', '2027-02-30', '2110-01-01', '99999y']) {
  test(`expiry '${text}' is refused`, () => {
    assert.throws(
      () => parseExpiry(text, NOW),
      (error) => error instanceof MandosError && error.code === 'usage',
    );
  });
}
