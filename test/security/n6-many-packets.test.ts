/** N6: a blob full of session keys or signatures, each costing a private-key operation, is refused. */
import assert from 'node:assert/strict';
import test from 'node:test';
import * as openpgp from 'openpgp';
import { Blob } from '../../src/core/secret.ts';
import { openBlob } from '../../src/openpgp/open.ts';
import { asOwnKey, makeOwnKey } from '../support/own-key.ts';

const own = await asOwnKey(await makeOwnKey());
const [key] = own.keys;
assert.ok(key);

async function sealed(recipients: number, signers: number): Promise<Blob> {
  const message = await openpgp.createMessage({ binary: new Uint8Array([1, 2, 3]) });
  const blob = await openpgp.encrypt({
    message,
    encryptionKeys: Array(recipients).fill(key?.toPublic()),
    signingKeys: Array(signers).fill(key),
    format: 'binary',
  });
  return new Blob(new Uint8Array(blob));
}

test('a blob for a few keys, with a few signatures, opens', async () => {
  const { password, signed } = await openBlob(await sealed(3, 3), own);
  assert.deepEqual(password.bytes, new Uint8Array([1, 2, 3]));
  assert.equal(signed, 'by-own-key');
});

test('a blob for very many keys is refused', async () => {
  await assert.rejects(openBlob(await sealed(50, 1), own), {
    code: 'blob-unusable',
    message: /too many keys/,
  });
});

test('a blob with very many signatures is refused', async () => {
  await assert.rejects(openBlob(await sealed(1, 50), own), {
    code: 'blob-unusable',
    message: /too many signatures/,
  });
});
