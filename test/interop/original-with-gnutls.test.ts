/**
 * GnuTLS's own tools stand in for either side of the Mandos protocol. Here Debian's programs
 * are on the other side: what these tests find in ours is then ours.
 */
import assert from 'node:assert/strict';
import test from 'node:test';
import { ClientKeys } from '../support/client-keys.ts';
import { askWithGnutls } from '../support/gnutls-client-peer.ts';
import { GnutlsServerPeer } from '../support/gnutls-server-peer.ts';
import { runOriginalClient } from '../support/original-client.ts';
import { OriginalServer } from '../support/original-server.ts';
import { requires } from '../support/requirements.ts';

const needs = requires('original server', 'original client', 'gnutls', 'gpg', 'namespaces');
const PASSWORD = 'secret of the disk';

test("the original's client gets its password from a server made of GnuTLS", needs, async () => {
  await using keys = await ClientKeys.make();
  await using server = await GnutlsServerPeer.start(await keys.seal(PASSWORD));
  const { stdout } = await runOriginalClient(keys, server.address);
  assert.equal(stdout.toString(), PASSWORD);
  assert.equal(await server.hello, '1\r\n');
  assert.match((await server.report).description ?? '', /TLS1\.3-Raw Public Key/);
});

test("the original's server gives a client made of GnuTLS its blob", needs, async () => {
  await using keys = await ClientKeys.make();
  const blob = await keys.seal(PASSWORD);
  const secret = Buffer.from(blob).toString('base64');
  const clients = await keys.section('client', PASSWORD, { secret });
  await using server = await OriginalServer.start({ clients });
  const report = await askWithGnutls(server.host, server.port, {
    privateKey: keys.tlsPrivateKey,
    publicKey: keys.tlsPublicKey,
  });
  assert.equal(report.received, blob.length);
  assert.equal(report.closeNotify, true);
});
