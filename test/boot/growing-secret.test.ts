import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { GrowingSecret } from '../../src/boot/growing-secret.ts';

const MIB = 1_048_576;

test('pieces of any size come out as one password, once', () => {
  const property = fc.property(fc.array(fc.uint8Array({ maxLength: 9000 })), (pieces) => {
    const secret = new GrowingSecret();
    for (const piece of pieces) secret.add(piece);
    assert.deepEqual(Buffer.from(secret.take()?.bytes ?? []), Buffer.concat(pieces));
    assert.equal(secret.take()?.bytes.length, 0);
  });
  fc.assert(property, { numRuns: 50 });
});

test('N6: a mebibyte is a password, and a byte more is none', () => {
  for (const pieces of [[MIB], [MIB - 1, 1], [1, MIB - 1]]) {
    const secret = new GrowingSecret();
    for (const length of pieces) secret.add(new Uint8Array(length));
    assert.equal(secret.take()?.bytes.length, MIB);
  }
  for (const pieces of [[MIB + 1], [MIB, 1], [MIB + 1, 0]]) {
    const secret = new GrowingSecret();
    for (const length of pieces) secret.add(new Uint8Array(length));
    assert.equal(secret.take(), null);
  }
});
