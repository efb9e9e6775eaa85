/** L2: what came from outside stays on its line and cannot look like something else. */
import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { safeLine } from '../../src/system/log-text.ts';

test('controls are written out', () => {
  assert.equal(safeLine('a\nb\tc\u001b[2Jd\u0085'), 'a\\nb\\tc\\x1b[2Jd\\x85');
  assert.equal(safeLine('\u2028\u202e\u2066'), '\\u2028\\u202e\\u2066');
});

test('a backslash is told from an escape', () => {
  assert.equal(safeLine('a\\nb'), 'a\\\\nb');
  assert.notEqual(safeLine('a\\nb'), safeLine('a\nb'));
});

test('two texts never give the same line, and no line has a control', () => {
  const piece = fc.constantFrom('\\', 'n', 'x', '1', 'b', 'u', '2028', '\n', '\u001b', '\u2028');
  const text = fc.array(piece, { maxLength: 6 }).map((pieces) => pieces.join(''));
  fc.assert(
    fc.property(text, text, (one, other) => {
      assert.equal(safeLine(one) === safeLine(other), one === other);
      assert.doesNotMatch(safeLine(one), /[\p{Cc}\p{Zl}\p{Zp}]/u);
    }),
  );
});
