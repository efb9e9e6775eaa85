/** Our OpenPGP keys and blobs in gpg and the original mandos-keygen, and theirs in ours. */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import test from 'node:test';
import { latin1Text } from '../../src/core/bytes.ts';
import { Blob, Password } from '../../src/core/secret.ts';
import type { KeyType } from '../../src/openpgp/key-type.ts';
import { type OpenedBlob, openBlob } from '../../src/openpgp/open.ts';
import { sealPassword } from '../../src/openpgp/seal.ts';
import type { OwnKey } from '../../src/openpgp/secret-key.ts';
import { ClientKeys } from '../support/client-keys.ts';
import { atDate } from '../support/fake-time.ts';
import { GpgHome } from '../support/gpg-home.ts';
import { blobOf, keygen, optionOf } from '../support/keygen.ts';
import { onATerminal } from '../support/on-a-terminal.ts';
import { asOwnKey, makeOwnKey } from '../support/own-key.ts';
import { run, succeed } from '../support/process.ts';
import { inRepository } from '../support/repository.ts';
import { requires } from '../support/requirements.ts';
import { TempDir } from '../support/temp-dir.ts';

const ORIGINAL = inRepository('.cache/originals/mandos-client/usr/sbin/mandos-keygen');

const PASSWORDS: Readonly<Record<string, Uint8Array>> = {
  'of nothing': new Uint8Array(),
  'of an empty line': Buffer.from('\n'),
  'of words': Buffer.from('correct horse battery staple'),
  'of all bytes': Uint8Array.from({ length: 256 }, (_, byte) => byte),
  'of 1 kB': new Uint8Array(1024).fill(0x0a),
  'of 100 kB': Uint8Array.from({ length: 100_000 }, (_, index) => index * 31),
};

const RSA: KeyType = { kind: 'rsa', bits: 2048 };
const OUR_TYPES: Readonly<Record<string, KeyType>> = {
  'RSA-2048': RSA,
  'RSA-4096': { kind: 'rsa', bits: 4096 },
  'curve 25519': { kind: 'curve25519' },
};

async function sealed(content: Uint8Array, key: OwnKey): Promise<Uint8Array> {
  using password = new Password(new Uint8Array(content));
  return (await sealPassword(password, key, new Date())).bytes;
}

async function opened(blob: Uint8Array, key: OwnKey): Promise<OpenedBlob> {
  return await openBlob(new Blob(blob), key);
}

for (const [name, type] of Object.entries(OUR_TYPES)) {
  test(
    `gpg imports our ${name} key without a warning and opens our blobs`,
    requires('gpg'),
    async () => {
      const files = await makeOwnKey(type);
      const key = await asOwnKey(files);
      await using dir = await TempDir.create();
      const publicKey = await dir.write('pubkey.txt', files.publicKey);
      const imported = await run('/usr/bin/gpg', [
        ...['--homedir', dir.path, '--batch', '--no-tty', '--import', publicKey],
      ]);
      assert.equal(imported.code, 0, imported.stderr);
      assert.match(imported.stderr, /imported: 1/);
      assert.doesNotMatch(imported.stderr, /warn|unavailable|error/i);
      await using home = await GpgHome.create();
      await home.gpg(['--import'], files.secretKey);
      assert.equal(await home.fingerprint(), files.fingerprint);
      for (const [what, password] of Object.entries(PASSWORDS)) {
        const blob = await dir.write(`blob ${what}`, await sealed(password, key));
        const status = await home.gpg([
          '--status-fd',
          '1',
          '--output',
          '/dev/null',
          '--yes',
          '-d',
          blob,
        ]);
        assert.match(status.toString('latin1'), /GOODSIG/, what);
        assert.match(status.toString('latin1'), /GOODMDC|DECRYPTION_OKAY/, what);
        assert.deepEqual(
          new Uint8Array(await home.gpg(['--decrypt', blob])),
          new Uint8Array(password),
          what,
        );
      }
    },
  );
}

for (const type of ['rsa2048', 'rsa4096', 'curve25519'] as const) {
  test(`we open what gpg seals with its ${type} key`, requires('gpg', 'gnutls'), async () => {
    await using keys = await ClientKeys.make('ed25519', type);
    using key = await asOwnKey({ secretKey: await readFile(keys.openPgpSecretKey) });
    assert.equal(key.fingerprint, keys.fingerprint);
    for (const [what, content] of Object.entries(PASSWORDS)) {
      const { password, signed } = await opened(await keys.seal(content), key);
      assert.deepEqual(password.bytes, new Uint8Array(content), what);
      assert.equal(signed, 'by-own-key', what);
    }
  });
}

test('we open what was sealed to the DSA and ElGamal keys of old', requires('gpg'), async () => {
  await using home = await GpgHome.create();
  const parameters =
    '%no-protection\nKey-Type: DSA\nKey-Length: 1024\nSubkey-Type: ELG-E\nSubkey-Length: 1024\n' +
    'Name-Real: an old client\nExpire-Date: 0\n%commit\n';
  await home.gpg(['--enable-dsa2', '--generate-key'], parameters);
  const fingerprint = await home.fingerprint();
  using key = await asOwnKey({ secretKey: await home.gpg(['--export-secret-keys', fingerprint]) });
  for (const content of Object.values(PASSWORDS)) {
    const { password, signed } = await opened(await home.seal(content, fingerprint), key);
    assert.deepEqual(password.bytes, new Uint8Array(content));
    assert.equal(signed, 'by-own-key');
  }
});

test(
  'we open what gpg seals whatever its ciphers, compression and armour',
  requires('gpg'),
  async () => {
    const files = await makeOwnKey();
    using key = await asOwnKey(files);
    await using home = await GpgHome.create();
    await home.gpg(['--import'], files.secretKey);
    const seal = ['--recipient', files.fingerprint, '--encrypt'];
    for (const options of [
      ['--compress-algo', 'none'],
      ['--compress-algo', 'zip'],
      ['--compress-algo', 'zlib', '-z', '9'],
      ['--compress-algo', 'bzip2'],
      ['--cipher-algo', 'AES'],
      ['--cipher-algo', 'AES192'],
      ['--cipher-algo', '3DES'],
      ['--armor', '--comment', 'a comment'],
      ['--digest-algo', 'SHA1'],
      ['--throw-keyids'],
      ['--sign', '--digest-algo', 'SHA384'],
      ['--sign', '--textmode'],
    ]) {
      const blob = await home.gpg([...options, ...seal], 'the password');
      const { password, signed } = await opened(new Uint8Array(blob), key);
      assert.equal(latin1Text(password.bytes), 'the password', options.join(' '));
      assert.equal(signed, options.includes('--sign') ? 'by-own-key' : 'not', options.join(' '));
    }
  },
);

test('a blob opens with the date at 1970', requires('gpg', 'faketime', 'namespaces'), async () => {
  const files = await makeOwnKey(RSA);
  using key = await asOwnKey(files);
  await using dir = await TempDir.create();
  const keyFile = await dir.write('key', files.secretKey);
  const blob = await dir.write('blob', await sealed(Buffer.from('secret'), key));
  const program = inRepository('test/support/open-blob-program.ts');
  const command = [process.execPath, program, keyFile, blob];
  const output = await succeed(...atDate('1970-01-01 00:00:10', command));
  assert.equal(JSON.parse(output.toString()).result, 'by-own-key 6');
});

test(
  "the original's keys and sections work with ours, and ours with the original",
  requires('original client', 'gnutls', 'pseudo-terminal'),
  async () => {
    await using dir = await TempDir.create();
    const common = ['--dir', dir.path, '--name', 'client'];
    const short = ['--length', '2048', '--sublength', '2048'];
    await succeed(ORIGINAL, [...common, ...short], { timeout: 60_000 });
    const password = await dir.write('password', PASSWORDS['of all bytes'] ?? '');
    const seal = [...common, '--no-ssh', '--passfile', password];
    for (const makeKeys of [undefined, [...common, ...short, '--force', '--tls-keytype=ed448']]) {
      if (makeKeys !== undefined) assert.equal((await keygen(makeKeys)).code, 0);
      using key = await asOwnKey({ secretKey: await readFile(dir.join('seckey.txt')) });
      const theirs = await succeed(ORIGINAL, seal);
      const ours = (await keygen(seal)).stdout;
      // Line by line the same, but for what is never the same twice.
      const frame = (section: Buffer): string => section.toString().replaceAll(/^ {4}.*\n/gm, '');
      assert.equal(frame(ours), frame(theirs));
      assert.match(optionOf(ours, 'key_id') ?? '', /^[0-9a-f]{64}$/);
      for (const section of [theirs, ours]) {
        const { password, signed } = await opened(blobOf(section), key);
        assert.deepEqual(password.bytes, PASSWORDS['of all bytes']);
        assert.equal(signed, 'by-own-key');
      }
      await using home = await GpgHome.create();
      await home.gpg(['--import'], await readFile(dir.join('seckey.txt')));
      const reopened = await home.gpg(['--decrypt'], blobOf(ours));
      assert.deepEqual(new Uint8Array(reopened), PASSWORDS['of all bytes']);
    }
    using key = await asOwnKey({ secretKey: await readFile(dir.join('seckey.txt')) });
    const typed = await onATerminal(
      [ORIGINAL, ...common, '--no-ssh', '--password'],
      [
        { expect: 'passphrase: ' },
        { echo: false },
        { type: 'open sesame\r' },
        { expect: 'passphrase: ' },
        { type: 'open sesame\r' },
      ],
    );
    const { password: asked } = await opened(blobOf(typed.output), key);
    assert.equal(latin1Text(asked.bytes), 'open sesame');
  },
);
