import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { asciiBytes, latin1Text } from '../../src/core/bytes.ts';
import { armor, unarmor } from '../../src/openpgp/armor.ts';

const COMMENT = asciiBytes('for a test');

function bodyOf(text: string): Uint8Array {
  const unarmored = unarmor(asciiBytes(text));
  assert.equal(unarmored.kind, 'armored', text);
  return unarmored.kind === 'armored' ? unarmored.body : new Uint8Array();
}

test('what is armoured comes out again, label and all', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 500 }), (body) => {
      const unarmored = unarmor(armor('PGP MESSAGE', body, COMMENT));
      assert.deepEqual(unarmored, { kind: 'armored', label: 'PGP MESSAGE', body });
    }),
  );
});

test('armour has lines of at most 64 characters and the checksum of RFC 9580', () => {
  const text = latin1Text(armor('PGP MESSAGE', new Uint8Array(100), COMMENT));
  assert.ok(text.split('\n').every((line) => line.length <= 64));
  assert.match(text, /^-----BEGIN PGP MESSAGE-----\nComment: for a test\n\n/);
  assert.match(text, /\n=[A-Za-z0-9+/]{4}\n-----END PGP MESSAGE-----\n$/);
});

test('text around the block, CR LF, and missing headers or checksum do not matter', () => {
  const [head, body, tail] = [
    '-----BEGIN PGP MESSAGE-----',
    'aGVsbG8=',
    '-----END PGP MESSAGE-----',
  ];
  for (const text of [
    `${head}\n\n${body}\n${tail}\n`,
    `${head}\r\nVersion: 1\r\n\r\n${body}\r\n${tail}\r\n`,
    `some words\n\n${head}\nComment: x\n\n${body}\n${tail}`,
    `${head}\n${body}\n${tail}\n`,
  ]) {
    assert.equal(latin1Text(bodyOf(text)), 'hello');
  }
});

test('one wrong character in the body is noticed', () => {
  const whole = armor('PGP MESSAGE', asciiBytes('a message of some length'), COMMENT);
  const start = latin1Text(whole).indexOf('\n\n') + 2;
  for (let i = start; i < start + 32; i++) {
    const damaged = new Uint8Array(whole);
    damaged[i] = damaged[i] === 0x41 ? 0x42 : 0x41;
    assert.equal(unarmor(damaged).kind, 'malformed');
  }
});

test('a block without an end is malformed', () => {
  const whole = armor('PGP MESSAGE', asciiBytes('a message'), COMMENT);
  assert.equal(unarmor(whole.subarray(0, whole.length - 30)).kind, 'malformed');
});

test('a PEM file of something else is called by its name, packets are let through', () => {
  const pem = asciiBytes('-----BEGIN RSA PRIVATE KEY-----\nAAAA\n-----END RSA PRIVATE KEY-----\n');
  assert.deepEqual(unarmor(pem), { kind: 'pem', label: 'RSA PRIVATE KEY' });
  assert.deepEqual(unarmor(new Uint8Array([0x85, 1])), { kind: 'binary' });
  assert.deepEqual(unarmor(new Uint8Array()), { kind: 'malformed' });
});
