/** Our mandos-keygen's keys and sections, in Debian's own server and client. */
import assert from 'node:assert/strict';
import test from 'node:test';
import { keygen } from '../support/keygen.ts';
import { runOriginalClient } from '../support/original-client.ts';
import { OriginalServer } from '../support/original-server.ts';
import { requires } from '../support/requirements.ts';
import { TempDir } from '../support/temp-dir.ts';

const needs = requires('original server', 'original client', 'gpg', 'namespaces');

const CASES = [
  { title: 'keys made by default', args: [], password: Buffer.from('secret of the disk') },
  {
    title: 'an Ed448 and an RSA-2048 key',
    args: ['-T', 'ed448', '-l', '2048', '-L', '2048'],
    password: Buffer.alloc(100_000, 'x'),
  },
  {
    title: 'an ECDSA key and a key on curve 25519',
    args: ['-T', 'ecdsa', '-t', 'ed25519'],
    password: Buffer.from('\n'),
  },
  {
    title: 'an RSA and an OpenPGP key of mixed types',
    args: ['-T', 'rsa', '-t', 'ed25519', '-s', 'RSA', '-L', '2048'],
    password: Buffer.from(Uint8Array.from({ length: 256 }, (_, byte) => byte)),
  },
] as const;

for (const { title, args, password } of CASES) {
  test(`the original serves and opens a password with ${title}`, needs, async () => {
    await using dir = await TempDir.create();
    const made = await keygen(['--dir', dir.path, ...args], { timeout: 100_000 });
    assert.equal(made.code, 0, made.stderr);
    const file = await dir.write('password', password);
    const sealing = ['--dir', dir.path, '--passfile', file, '--name', 'my client', '--no-ssh'];
    const section = await keygen(sealing);
    assert.equal(section.code, 0, section.stderr);
    await using server = await OriginalServer.start({ clients: section.stdout.toString() });
    const options = [
      `--pubkey=${dir.join('pubkey.txt')}`,
      `--seckey=${dir.join('seckey.txt')}`,
      `--tls-privkey=${dir.join('tls-privkey.pem')}`,
      `--tls-pubkey=${dir.join('tls-pubkey.pem')}`,
    ];
    const { stdout } = await runOriginalClient({ options }, `${server.host}:${server.port}`);
    assert.deepEqual(stdout, password);
  });
}
