/** Our client gets its password from Debian's server, whatever the keys and the password. */
import assert from 'node:assert/strict';
import test from 'node:test';
import { ClientKeys, type OpenPgpKeyType } from '../support/client-keys.ts';
import { GnutlsServerPeer } from '../support/gnutls-server-peer.ts';
import { OriginalServer } from '../support/original-server.ts';
import { type Outcome, RunningProgram, run } from '../support/process.ts';
import { inRepository } from '../support/repository.ts';
import { requires } from '../support/requirements.ts';
import { TLS_KEY_TYPES, type TlsKeyType } from '../support/tls-key.ts';

const needsServer = requires('original server', 'gnutls', 'gpg');
const needsGnutls = requires('gnutls', 'gpg');
const PASSWORD = 'secret of the disk';

async function client(keys: ClientKeys, address: string, ...more: string[]): Promise<Outcome> {
  const args = [`--connect=${address}`, ...keys.options, '--retry=1', ...more];
  return await run(inRepository('bin/mandos-client'), args);
}

async function getsItsPassword(tls: TlsKeyType, openPgp: OpenPgpKeyType): Promise<void> {
  await using keys = await ClientKeys.make(tls, openPgp);
  await using server = await OriginalServer.start({
    clients: await keys.section('client', PASSWORD),
  });
  const { code, stdout } = await client(keys, server.address);
  assert.deepEqual([code, stdout.toString()], [0, PASSWORD]);
}

for (const type of TLS_KEY_TYPES) {
  test(`with a TLS key of type ${type}`, needsServer, async () => {
    await getsItsPassword(type, 'rsa2048');
  });
}

for (const type of ['rsa4096', 'curve25519'] as const) {
  test(`with an OpenPGP key of type ${type}`, needsServer, async () => {
    await getsItsPassword('ed25519', type);
  });
}

test('over IPv6', needsServer, async () => {
  await using keys = await ClientKeys.make();
  const clients = await keys.section('client', PASSWORD);
  await using server = await OriginalServer.start({ clients, host: '::1' });
  const { stdout } = await client(keys, server.address);
  assert.equal(stdout.toString(), PASSWORD);
});

test('whatever the password', needsServer, async (t) => {
  await using keys = await ClientKeys.make();
  const everyByte = Uint8Array.from({ length: 256 }, (_, byte) => byte);
  const passwords: readonly [string, Uint8Array][] = [
    ['1 kB', new Uint8Array(1000).fill(0x78)],
    ['100 kB', Uint8Array.from({ length: 100_000 }, (_, at) => (at * 7) % 251)],
    ['an empty line', Uint8Array.of(0x0a)],
    ['every byte', everyByte],
  ];
  for (const [what, password] of passwords) {
    await t.test(what, async () => {
      const clients = await keys.section('client', password);
      await using server = await OriginalServer.start({ clients });
      const { code, stdout } = await client(keys, server.address);
      assert.equal(code, 0);
      assert.ok(stdout.equals(password));
    });
  }
});

test(
  'a client that the server does not know asks again and gets nothing',
  needsServer,
  async () => {
    await using keys = await ClientKeys.make();
    await using others = await ClientKeys.make();
    const clients = await others.section('client', PASSWORD);
    await using server = await OriginalServer.start({ clients });
    const args = [`--connect=${server.address}`, ...keys.options, '--retry=0.2', '--debug'];
    await using program = RunningProgram.start(inRepository('bin/mandos-client'), args);
    await program.waitForLine(/it has no password for this client/);
    await program.waitForLine(/asking/);
    program.kill('SIGTERM');
    assert.equal((await program.exit).signal, 'SIGTERM');
    assert.equal(program.stdout.length, 0);
  },
);

for (const type of TLS_KEY_TYPES) {
  test(`from GnuTLS with a TLS key of type ${type}`, needsGnutls, async () => {
    await using keys = await ClientKeys.make(type);
    await using server = await GnutlsServerPeer.start(await keys.seal(PASSWORD));
    const { code, stdout } = await client(keys, server.address);
    assert.deepEqual([code, stdout.toString()], [0, PASSWORD]);
    assert.equal(await server.hello, '1\r\n');
    assert.match((await server.report).description ?? '', /^\(TLS1\.3-(X\.509-)?Raw Public Key\)/);
  });
}

test('a --priority that GnuTLS can meet is kept to', needsGnutls, async () => {
  await using keys = await ClientKeys.make();
  await using server = await GnutlsServerPeer.start(await keys.seal(PASSWORD));
  const priority =
    'NORMAL:-VERS-ALL:+VERS-TLS1.3:+CTYPE-RAWPK:-GROUP-ALL:+GROUP-SECP384R1:-CIPHER-ALL:+AES-256-GCM';
  const { stdout } = await client(keys, server.address, `--priority=${priority}`);
  assert.equal(stdout.toString(), PASSWORD);
  assert.match((await server.report).description ?? '', /SECP384R1.*AES-256-GCM/);
});
