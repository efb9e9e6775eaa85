import assert from 'node:assert/strict';
import test from 'node:test';
import * as openpgp from 'openpgp';
import { asciiBytes } from '../../src/core/bytes.ts';
import { MandosError } from '../../src/core/error.ts';
import { LARGEST_BLOB, Password } from '../../src/core/secret.ts';
import { generateKeyPair } from '../../src/openpgp/generate.ts';
import { sealPassword } from '../../src/openpgp/seal.ts';
import { readSecretKey } from '../../src/openpgp/secret-key.ts';
import { asOwnKey, makeOwnKey } from '../support/own-key.ts';

const key = await asOwnKey(await makeOwnKey());
const NOW = new Date('2026-06-01T00:00:00Z');

test('a blob is what gpg 2.2 reads: encrypted with integrity check, and no AEAD', async () => {
  using password = new Password(asciiBytes('secret'));
  const blob = await sealPassword(password, key, NOW);
  const { packets } = await openpgp.readMessage({ binaryMessage: blob.bytes });
  const { publicKeyEncryptedSessionKey, symEncryptedIntegrityProtectedData } = openpgp.enums.packet;
  assert.deepEqual(
    Array.from(packets, (packet) => (packet.constructor as typeof openpgp.BasePacket).tag),
    [publicKeyEncryptedSessionKey, symEncryptedIntegrityProtectedData],
  );
  // Version 1 has the modification detection code; version 2 is AEAD.
  assert.equal(Reflect.get(packets[1] ?? {}, 'version'), 1);
});

test('the same password never gives the same blob', async () => {
  using password = new Password(asciiBytes('secret'));
  const [one, other] = [
    await sealPassword(password, key, NOW),
    await sealPassword(password, key, NOW),
  ];
  assert.notDeepEqual(one.bytes, other.bytes);
});

test('sealing leaves the password to its owner, unchanged', async () => {
  using password = new Password(asciiBytes('secret'));
  await sealPassword(password, key, NOW);
  assert.deepEqual(password.bytes, asciiBytes('secret'));
});

test('an expired key is refused with the day', async () => {
  const type = { kind: 'curve25519' } as const;
  const now = new Date('2026-01-01T12:00:00Z');
  const made = await generateKeyPair({ type, subtype: type, userId: 'x', lifetime: 86_400, now });
  const expired = await readSecretKey(made.secretKey);
  using password = new Password(asciiBytes('secret'));
  await assert.rejects(
    sealPassword(password, expired, NOW),
    (error) => error instanceof MandosError && /expired on 2026-01-02/.test(error.message),
  );
});

test('a clock before the birth of the key does not stop sealing', async () => {
  using password = new Password(asciiBytes('secret'));
  assert.ok((await sealPassword(password, key, new Date(0))).bytes.length > 0);
});

test('a password that no blob can hold is refused', async () => {
  using password = new Password(new Uint8Array(LARGEST_BLOB));
  await assert.rejects(
    sealPassword(password, key, NOW),
    (error) => error instanceof MandosError && error.code === 'unsupported',
  );
});
