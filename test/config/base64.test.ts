import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import fc from 'fast-check';
import { decodeBase64 } from '../../src/config/base64.ts';

const table: readonly (readonly [string, string | null])[] = JSON.parse(
  readFileSync(new URL('fixtures/base64-table.json', import.meta.url), 'utf8'),
);

function decodedHex(text: string): string | null {
  const bytes = decodeBase64(new TextEncoder().encode(text));
  return bytes === null ? null : Buffer.from(bytes).toString('hex');
}

test('base64 is read as Python reads it, mistakes included', () => {
  for (const [text, expected] of table) {
    assert.equal(decodedHex(text), expected, JSON.stringify(text));
  }
});

test('what is encoded is decoded, however it is broken into lines', () => {
  const width = fc.integer({ min: 1, max: 80 });
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), width, (bytes, columns) => {
      const encoded = Buffer.from(bytes).toString('base64');
      const lines = encoded.match(new RegExp(`.{1,${columns}}`, 'g')) ?? [];
      assert.equal(decodedHex(`\n${lines.join('\n')}`), Buffer.from(bytes).toString('hex'));
    }),
  );
});
