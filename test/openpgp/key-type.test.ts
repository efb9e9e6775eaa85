import assert from 'node:assert/strict';
import test from 'node:test';
import { MandosError } from '../../src/core/error.ts';
import { type KeyPart, parseKeyType } from '../../src/openpgp/key-type.ts';

function refuses(part: KeyPart, name: string, length: string | undefined, hint: RegExp): void {
  assert.throws(
    () => parseKeyType(part, name, length),
    (error) => error instanceof MandosError && error.code === 'usage' && hint.test(`${error.hint}`),
  );
}

test('RSA has 4096 bits unless told otherwise, in whole words', () => {
  assert.deepEqual(parseKeyType('key', 'RSA', undefined), { kind: 'rsa', bits: 4096 });
  assert.deepEqual(parseKeyType('key', 'rsa', '2048'), { kind: 'rsa', bits: 2048 });
  assert.deepEqual(parseKeyType('subkey', 'RSA', '3001'), { kind: 'rsa', bits: 3008 });
});

test('the names people use for curve 25519 all mean it', () => {
  for (const name of ['ed25519', 'EdDSA', 'curve25519', 'ecc']) {
    assert.deepEqual(parseKeyType('key', name, undefined), { kind: 'curve25519' });
  }
  for (const name of ['cv25519', 'ECDH', 'curve25519', 'ecc']) {
    assert.deepEqual(parseKeyType('subkey', name, undefined), { kind: 'curve25519' });
  }
});

test('lengths that make no sense are refused', () => {
  for (const length of [
    '',
    '0',
    '512',
    '1023',
    '8193',
    '100000',
    'abc',
    '-2048',
    '2048.5',
    '1e4',
  ]) {
    refuses('key', 'RSA', length, /1024 to 8192/);
  }
  refuses('key', 'ed25519', '4096', /leave the length out/);
});

test('DSA and ElGamal are refused with what to use instead', () => {
  for (const name of ['DSA', 'dsa', '17']) refuses('key', name, undefined, /RSA or ed25519/);
  for (const name of ['ELG-E', 'elg', '16']) refuses('subkey', name, '4096', /RSA or ed25519/);
});

test('an unknown type is refused with those there are', () => {
  refuses('key', 'kyber', undefined, /RSA and ed25519/);
});
