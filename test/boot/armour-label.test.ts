import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { armourLabel } from '../../src/boot/armour-label.ts';
import { asciiBytes } from '../../src/core/bytes.ts';

for (const [text, label] of [
  ['-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n', 'PUBLIC KEY'],
  ['-----BEGIN PUBLIC KEY-----\r\nAAAA\r\n', 'PUBLIC KEY'],
  ['a comment\n\n-----BEGIN PGP MESSAGE-----\n', 'PGP MESSAGE'],
  ['text -----BEGIN PUBLIC KEY-----\n', null],
  ['-----BEGIN PUBLIC KEY\n-----\n', null],
  [`-----BEGIN ${'A'.repeat(100)}-----\n`, null],
  ['-----BEGIN ', null],
  ['', null],
] as const) {
  test(`the label of ${JSON.stringify(text)} is ${label}`, () => {
    assert.equal(armourLabel(asciiBytes(text)), label);
  });
}

test('any bytes have a label or none', () => {
  const line = fc.oneof(fc.string({ unit: 'grapheme-ascii' }), fc.constant('-----BEGIN '));
  const text = fc.array(line, { maxLength: 20 }).map((parts) => asciiBytes(parts.join('')));
  fc.assert(fc.property(text, (bytes) => /^(string|object)$/.test(typeof armourLabel(bytes))));
});
