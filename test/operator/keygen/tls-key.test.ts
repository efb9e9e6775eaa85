import assert from 'node:assert/strict';
import { createPrivateKey, createPublicKey, sign, verify } from 'node:crypto';
import test from 'node:test';
import { keyIdOfDirectory } from '../../../src/operator/keygen/key-id-of-directory.ts';
import { generateTlsKey } from '../../../src/operator/keygen/tls-key.ts';
import { parseTlsKeyType, TLS_KEY_TYPES } from '../../../src/operator/keygen/tls-key-type.ts';
import { succeed } from '../../support/process.ts';
import { requires } from '../../support/requirements.ts';
import { TempDir } from '../../support/temp-dir.ts';

for (const type of TLS_KEY_TYPES) {
  test(
    `${type}: the two files are a pair, and GnuTLS agrees on the key ID`,
    requires('gnutls'),
    async () => {
      await using dir = await TempDir.create();
      const made = await generateTlsKey(type);
      const privateFile = await dir.write('tls-privkey.pem', made.privateKey.bytes);
      const publicFile = await dir.write('tls-pubkey.pem', made.publicKey);
      const data = Buffer.from('data');
      const digest = type.startsWith('ed') ? null : 'sha256';
      const signature = sign(digest, data, createPrivateKey(Buffer.from(made.privateKey.bytes)));
      assert.ok(verify(digest, data, createPublicKey(Buffer.from(made.publicKey)), signature));
      assert.equal(keyIdOfDirectory(dir.path), made.keyId);
      const certtool = async (...args: string[]) =>
        (await succeed('/usr/bin/certtool', args)).toString().trim();
      const keyId = ['--key-id', '--hash=sha256'];
      assert.equal(await certtool(...keyId, '--infile', publicFile), made.keyId.toLowerCase());
      const exported = await certtool('--load-privkey', privateFile, '--pubkey-info', '--no-text');
      assert.equal(exported, Buffer.from(made.publicKey).toString().trim());
    },
  );
}

test('an ECDSA key is on the curve that certtool takes for its highest level', async () => {
  const { privateKey } = await generateTlsKey('ecdsa');
  const key = createPrivateKey(Buffer.from(privateKey.bytes));
  assert.equal(key.asymmetricKeyDetails?.namedCurve, 'secp384r1');
});

test('key types are called what certtool calls them', () => {
  assert.equal(parseTlsKeyType('ED25519'), 'ed25519');
  assert.equal(parseTlsKeyType('ecc'), 'ecdsa');
  for (const type of ['dsa', 'x25519', 'gost12-256', 'junk', '']) {
    assert.throws(() => parseTlsKeyType(type), { code: 'usage' });
  }
});

test('the key ID comes from the private key where the public one is missing', async () => {
  await using dir = await TempDir.create();
  const made = await generateTlsKey('ed25519');
  assert.equal(keyIdOfDirectory(dir.path), undefined);
  await dir.write('tls-privkey.pem', made.privateKey.bytes);
  assert.equal(keyIdOfDirectory(dir.path), made.keyId);
});
