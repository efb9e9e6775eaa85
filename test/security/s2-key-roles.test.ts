/**
 * S2: TLS identity key, OpenPGP key, blob and password cannot be passed for one another;
 * every role is tried at every entry and refused. [CVE-2021-4076]
 */
import assert from 'node:assert/strict';
import test from 'node:test';
import { asciiBytes } from '../../src/core/bytes.ts';
import { MandosError } from '../../src/core/error.ts';
import { Blob, OpenPgpSecretKey, Password, TlsPrivateKey } from '../../src/core/secret.ts';
import { openBlob } from '../../src/openpgp/open.ts';
import { sealPassword } from '../../src/openpgp/seal.ts';
import { readSecretKey } from '../../src/openpgp/secret-key.ts';
import { keyIdOfDirectory } from '../../src/operator/keygen/key-id-of-directory.ts';
import { generateTlsKey } from '../../src/operator/keygen/tls-key.ts';
import { keygen } from '../support/keygen.ts';
import { asOwnKey, makeOwnKey } from '../support/own-key.ts';
import { TempDir } from '../support/temp-dir.ts';

const own = await makeOwnKey();
const ownKey = await asOwnKey(own);
const tls = await generateTlsKey('ed25519');
using secret = new Password(asciiBytes('secret'));
const NOW = new Date('2026-06-01T00:00:00Z');

/** The content of each file there is. */
const CONTENTS = {
  'OpenPGP secret key': own.secretKey,
  'OpenPGP public key': own.publicKey,
  'TLS private key': tls.privateKey.bytes,
  'TLS public key': tls.publicKey,
  blob: (await sealPassword(secret, ownKey, NOW)).bytes,
  password: secret.bytes,
} as const;
type Content = keyof typeof CONTENTS;

function others(...right: readonly Content[]): [Content, Uint8Array][] {
  const all = Object.entries(CONTENTS) as [Content, Uint8Array][];
  return all
    .filter(([name]) => !right.includes(name))
    .map(([name, bytes]) => [name, bytes.slice()]);
}

/** An object of each role with the content that would be right, whatever the role. */
function impostors(right: Uint8Array, role: unknown): unknown[] {
  const roles = [Blob, Password, TlsPrivateKey, OpenPgpSecretKey].filter((each) => each !== role);
  return [...roles.map((Role) => new Role(right.slice())), right, right.toString(), {}, null];
}

const refused = (error: unknown): boolean =>
  (error instanceof MandosError && ['key-unusable', 'blob-unusable'].includes(error.code)) ||
  error instanceof TypeError;

for (const [name, bytes] of others('OpenPGP secret key')) {
  test(`a ${name} is not read as the OpenPGP secret key`, async () => {
    await assert.rejects(readSecretKey(new OpenPgpSecretKey(bytes)), (error) => {
      assert.ok(error instanceof MandosError);
      assert.equal(error.code, 'key-unusable');
      assert.ok(error.hint);
      return true;
    });
  });
}

for (const [name, bytes] of others('blob')) {
  test(`a ${name} is not opened as a blob`, async () => {
    await assert.rejects(
      openBlob(new Blob(bytes), ownKey),
      (error) => error instanceof MandosError && error.code === 'blob-unusable',
    );
  });
}

test('an object of another role is refused at run time where types are not checked', async () => {
  for (const impostor of impostors(own.secretKey, OpenPgpSecretKey)) {
    await assert.rejects(readSecretKey(impostor as OpenPgpSecretKey), refused);
  }
  for (const impostor of impostors(CONTENTS.blob, Blob)) {
    await assert.rejects(openBlob(impostor as Blob, ownKey), refused);
  }
  for (const impostor of impostors(CONTENTS.password, Password)) {
    await assert.rejects(sealPassword(impostor as Password, ownKey, NOW), refused);
  }
  using blob = new Blob(CONTENTS.blob.slice());
  using file = new OpenPgpSecretKey(own.secretKey.slice());
  for (const impostor of [file, ...impostors(own.secretKey, null)]) {
    await assert.rejects(openBlob(blob, impostor as typeof ownKey), refused);
    await assert.rejects(sealPassword(secret, impostor as typeof ownKey, NOW), refused);
  }
});

test('the type checker refuses every role at every entry but its own', () => {
  using blob = new Blob(new Uint8Array());
  using password = new Password(new Uint8Array());
  using tlsKey = new TlsPrivateKey(new Uint8Array());
  using file = new OpenPgpSecretKey(new Uint8Array());
  // Never run; a line that became correct would be an error of the type checker.
  const never = (): unknown[] => [
    // @ts-expect-error: a TLS key is no OpenPGP key
    readSecretKey(tlsKey),
    // @ts-expect-error: a password is no OpenPGP key
    readSecretKey(password),
    // @ts-expect-error: a blob is no OpenPGP key
    readSecretKey(blob),
    // @ts-expect-error: a password is no blob
    openBlob(password, ownKey),
    // @ts-expect-error: a TLS key is no blob
    openBlob(tlsKey, ownKey),
    // @ts-expect-error: an OpenPGP key is no blob
    openBlob(file, ownKey),
    // @ts-expect-error: a key file that was not read opens nothing
    openBlob(blob, file),
    // @ts-expect-error: a TLS key opens nothing
    openBlob(blob, tlsKey),
    // @ts-expect-error: a blob is not sealed again
    sealPassword(blob, ownKey, NOW),
    // @ts-expect-error: a TLS key is no password
    sealPassword(tlsKey, ownKey, NOW),
    // @ts-expect-error: an OpenPGP key is no password
    sealPassword(file, ownKey, NOW),
    // @ts-expect-error: a TLS key seals nothing
    sealPassword(password, tlsKey, NOW),
  ];
  assert.equal(typeof never, 'function');
});

for (const [name, bytes] of others('TLS public key')) {
  test(`a ${name} is not taken for the TLS public key`, async () => {
    await using dir = await TempDir.create();
    await dir.write('tls-pubkey.pem', bytes);
    assert.throws(() => keyIdOfDirectory(dir.path), refused);
  });
}

for (const [name, bytes] of others('TLS private key')) {
  test(`a ${name} is not taken for the TLS private key`, async () => {
    await using dir = await TempDir.create();
    await dir.write('tls-privkey.pem', bytes);
    assert.throws(() => keyIdOfDirectory(dir.path), refused);
  });
}

test('keys that do not belong together are refused', async () => {
  await using dir = await TempDir.create();
  await dir.write('tls-privkey.pem', tls.privateKey.bytes);
  await dir.write('tls-pubkey.pem', (await generateTlsKey('ed25519')).publicKey);
  assert.throws(() => keyIdOfDirectory(dir.path), /do not belong together/);
});

test('mandos-keygen says which file holds what instead', async () => {
  await using dir = await TempDir.create();
  await dir.write('seckey.txt', tls.privateKey.bytes);
  const args = ['-S', '-n', 'x', '-F', '/dev/null', '-d', dir.path];
  const { code, stdout, stderr } = await keygen(args);
  assert.notEqual(code, 0);
  assert.equal(stdout.length, 0);
  assert.match(stderr, /seckey\.txt: not an OpenPGP secret key.*PEM 'PRIVATE KEY'/);
  assert.match(stderr, /hint: a TLS key file/);
});
