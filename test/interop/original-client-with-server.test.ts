/** Debian's client, and GnuTLS in its place, get their passwords from our server. */
import assert from 'node:assert/strict';
import test from 'node:test';
import { ClientKeys, OPENPGP_KEY_TYPES } from '../support/client-keys.ts';
import { askWithGnutls } from '../support/gnutls-client-peer.ts';
import { runOriginalClient, startOriginalClient } from '../support/original-client.ts';
import { requires } from '../support/requirements.ts';
import { ServerProgram } from '../support/server-program.ts';
import { TempDir } from '../support/temp-dir.ts';
import { TLS_KEY_TYPES } from '../support/tls-key.ts';

const needs = requires('original client', 'gnutls', 'gpg');

/** What people and programs use as passwords, and what neither should. */
const PASSWORDS: Readonly<Record<string, Uint8Array>> = {
  'of one word': Buffer.from('correct horse battery staple'),
  'that is an empty line': Buffer.from('\n'),
  'with every byte there is': Uint8Array.from({ length: 256 }, (_, byte) => byte),
  'of 1 kB': Buffer.alloc(1000, 'kilobyte '),
  'of 100 kB': Buffer.from(Array.from({ length: 100_000 }, (_, at) => (at * 7919) % 251)),
};

for (const type of TLS_KEY_TYPES) {
  test(`the original's client with a TLS key of type ${type}`, needs, async () => {
    await using keys = await ClientKeys.make(type);
    await using server = await ServerProgram.start({ clients: await keys.section('foo', 'pass') });
    const { code, stdout } = await runOriginalClient(keys, server.address);
    assert.equal(stdout.toString(), 'pass');
    assert.equal(code, 0);
    assert.match(server.log, /sending secret to foo at ::ffff:127\.0\.0\.1/);
  });
}

for (const type of OPENPGP_KEY_TYPES) {
  test(`the original's client with an OpenPGP key of type ${type}`, needs, async () => {
    await using keys = await ClientKeys.make('ed25519', type);
    await using server = await ServerProgram.start({ clients: await keys.section('foo', 'pass') });
    const { code, stdout } = await runOriginalClient(keys, server.address);
    assert.equal(stdout.toString(), 'pass');
    assert.equal(code, 0);
  });
}

test("the original's client gets every kind of password", needs, async (t) => {
  await using keys = await ClientKeys.make();
  for (const [name, password] of Object.entries(PASSWORDS)) {
    await t.test(`a password ${name}`, async () => {
      await using server = await ServerProgram.start({
        clients: await keys.section('foo', password),
      });
      const { code, stdout } = await runOriginalClient(keys, server.address);
      assert.ok(stdout.equals(password));
      assert.equal(code, 0);
    });
  }
});

test("the original's client finds the server at an IPv6 address too", needs, async () => {
  await using keys = await ClientKeys.make();
  await using server = await ServerProgram.start({ clients: await keys.section('foo', 'pass') });
  const { stdout } = await runOriginalClient(keys, `::1:${server.port}`);
  assert.equal(stdout.toString(), 'pass');
});

test("the original's client gets nothing when it is unknown or disabled", needs, async () => {
  await using disabled = await ClientKeys.make();
  await using unknown = await ClientKeys.make();
  await using hooks = await TempDir.create();
  await using server = await ServerProgram.start({
    clients: await disabled.section('foo', 'pass', { enabled: 'no' }),
  });
  for (const keys of [disabled, unknown]) {
    await using client = startOriginalClient(keys, server.address, hooks.path);
    await client.waitForLine(/retrying in 1 seconds/i);
    assert.equal(client.stdout.length, 0);
  }
  assert.doesNotMatch(server.log, /sending secret/);
});

for (const type of TLS_KEY_TYPES) {
  test(`gnutls-serv as a client with a TLS key of type ${type}`, needs, async () => {
    await using keys = await ClientKeys.make(type);
    const blob = Buffer.alloc(20_000, 'a blob ');
    await using server = await ServerProgram.start({
      clients: await keys.section('foo', '', { secret: blob.toString('base64') }),
    });
    const report = await askWithGnutls('127.0.0.1', server.port, {
      privateKey: keys.tlsPrivateKey,
      publicKey: keys.tlsPublicKey,
    });
    assert.equal(report.received, blob.length);
    assert.ok(report.closeNotify, 'the server said close_notify');
  });
}
