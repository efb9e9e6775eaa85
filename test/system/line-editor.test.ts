import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { LineEditor, type Typed } from '../../src/system/line-editor.ts';

/** What the editor makes of these keys; a character is a byte. */
function typed(keys: string, longest = 100): (string | Typed['kind'])[] {
  using editor = new LineEditor(longest);
  editor.take(Buffer.from(keys, 'latin1'));
  const results: string[] = [];
  for (let next = editor.next(); next.kind !== 'unfinished'; next = editor.next()) {
    results.push(next.kind === 'line' ? Buffer.from(next.line).toString('latin1') : next.kind);
  }
  return results;
}

test('Enter ends a line, whichever byte the terminal sends for it', () => {
  assert.deepEqual(typed('one\rtwo\nthree'), ['one', 'two']);
});

test('Backspace erases a character of any length, Ctrl-U the line', () => {
  assert.deepEqual(typed('ab\x7fc\r'), ['ac']);
  assert.deepEqual(typed('a\xe2\x82\xac\x08b\r'), ['ab']);
  assert.deepEqual(typed('\x7f\x7fa\r'), ['a']);
  assert.deepEqual(typed('abc\x15d\r'), ['d']);
  assert.deepEqual(typed('abc\x17d\r'), ['d']);
});

test('Ctrl-C interrupts; Ctrl-D ends, or sends off what was typed', () => {
  assert.deepEqual(typed('a\x03'), ['interrupted']);
  assert.deepEqual(typed('a\x1c'), ['interrupted']);
  assert.deepEqual(typed('\x04'), ['ended']);
  assert.deepEqual(typed('a\x04'), ['a']);
});

test('every other byte is part of the password', () => {
  const special = [3, 4, 8, 10, 13, 21, 23, 28, 127];
  const bytes = fc.integer({ min: 0, max: 255 }).filter((byte) => !special.includes(byte));
  fc.assert(
    fc.property(fc.array(bytes, { maxLength: 50 }), (line) => {
      const text = String.fromCharCode(...line);
      assert.deepEqual(typed(`${text}\r`), [text]);
    }),
  );
});

test('a line beyond the limit is cut there', () => {
  assert.deepEqual(typed('abcdef\rg\r', 3), ['abc', 'g']);
});
