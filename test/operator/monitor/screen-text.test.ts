/** Text from outside on the screen (L2): safe, and never wider than counted. */
import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { screenText } from '../../../src/operator/monitor/screen-text.ts';
import {
  clip,
  widthOf,
  wrapAnywhere,
  wrapAtSpaces,
} from '../../../src/operator/monitor/text-width.ts';
import { run } from '../../support/process.ts';
import { requires } from '../../support/requirements.ts';

const anyText = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.string({ unit: 'grapheme' }),
  fc
    .array(fc.constantFrom('a', ' ', '日', '\u0301', '\u{1f600}', '\x1b[2J', '\n'), {
      maxLength: 60,
    })
    .map((parts) => parts.join('')),
);

const safeText = anyText.map((text) => screenText(text, 'utf-8'));

const SEEN: readonly (readonly [string, string])[] = [
  ['foo "bar"', 'foo "bar"'],
  ['\x1b[31mred\x07', '\\x1b[31mred\\x07'],
  ['one\ntwo\ttab', 'one\\ntwo\\ttab'],
  ['back\\slash', 'back\\\\slash'],
  ['\x9b2J', '\\x9b2J'],
  ['right\u202eleft', 'right\\u202eleft'],
  ['zero\u200bwidth', 'zero\\u200bwidth'],
  ['no\u00a0break', 'no\\u00a0break'],
  ['日本語 é', '日本語 é'],
  ['e\u0301', 'e\u0301'],
  ['e\u0301\u0302\u0303\u0304', 'e\u0301\u0302\\u0303\\u0304'],
  ['\u0301 at the start', '\\u0301 at the start'],
  ['\u{1f468}\u200d\u{1f469}', '\u{1f468}\\u200d\u{1f469}'],
  ['\u2764\ufe0f', '\u2764\\ufe0f'],
  ['\u{1f1e9}\u{1f1ea}', '\\u{1f1e9}\\u{1f1ea}'],
  ['\ud800 alone', '\\ud800 alone'],
  ['\ue000 private', '\\ue000 private'],
];

test('what is not safe to show is escaped, and the rest is not', () => {
  for (const [text, seen] of SEEN) assert.equal(screenText(text, 'utf-8'), seen);
  assert.equal(screenText('日 é', 'ascii'), '\\u65e5 \\u00e9');
  assert.equal(screenText('x'.repeat(50), 'ascii', 10), 'xxxxxxxxxx...');
});

test('no control character is ever left', () => {
  fc.assert(
    fc.property(anyText, (text) => {
      assert.doesNotMatch(screenText(text, 'utf-8'), /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u);
      assert.match(screenText(text, 'ascii'), /^[\x20-\x7e]*$/);
    }),
  );
});

test('lines are never wider than they may be, and nothing is lost', () => {
  fc.assert(
    fc.property(safeText, fc.integer({ min: 1, max: 40 }), (text, width) => {
      const lines = wrapAnywhere(text, width);
      for (const line of lines) assert.ok(widthOf(line) <= width);
      if (width >= 2) assert.equal(lines.join(''), text);
      for (const line of wrapAtSpaces(text, width)) assert.ok(widthOf(line) <= width);
      if (width >= 2) {
        assert.equal(
          wrapAtSpaces(text, width).join('').replaceAll(' ', ''),
          text.replaceAll(' ', ''),
        );
      }
      assert.ok(widthOf(clip(text, width)) <= width);
    }),
  );
});

test('lines end between words where they can', () => {
  assert.deepEqual(wrapAtSpaces('one two three', 8), ['one two', 'three']);
  assert.deepEqual(wrapAtSpaces('a verylongword b', 5), ['a', 'veryl', 'ongwo', 'rd b']);
  assert.deepEqual(wrapAnywhere('日本', 3), ['日', '本']);
  assert.deepEqual(wrapAnywhere('日a', 1), ['?', 'a']);
});

const WIDTHS = `
import ctypes, locale, sys
locale.setlocale(locale.LC_ALL, "C.UTF-8")
wcwidth = ctypes.CDLL(None).wcwidth
print(",".join(str(wcwidth(int(code))) for code in sys.stdin.read().split(",")))`;

test('no character is wider for the C library than for us', requires('python'), async () => {
  const codes = Array.from({ length: 0x40000 }, (_, code) => code).filter((code) => {
    if (code >= 0xd800 && code <= 0xdfff) return false;
    const char = String.fromCodePoint(code);
    return char === '\\' ? false : screenText(`e${char}`, 'utf-8') === `e${char}`;
  });
  assert.ok(codes.length > 100_000);
  const { stdout } = await run('/usr/bin/python3', ['-c', WIDTHS], { input: codes.join(',') });
  const widths = stdout.toString('utf8').trim().split(',').map(Number);
  assert.equal(widths.length, codes.length);
  const wider = codes.filter((code, at) => (widths[at] ?? 0) > widthOf(String.fromCodePoint(code)));
  assert.deepEqual(
    wider.slice(0, 20).map((code) => code.toString(16)),
    [],
  );
});
