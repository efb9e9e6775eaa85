/**
 * Our client as at boot: on a link with nothing but IPv6 link-local addresses, its interface
 * down, no Avahi on its side. Everything it brings up it takes down again (C4).
 */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Avahi } from '../support/avahi.ts';
import { ClientKeys } from '../support/client-keys.ts';
import { behindSwitch, networkState, startClientOnLink } from '../support/client-on-link.ts';
import { NetworkNamespaces, type NetworkSide } from '../support/network-namespaces.ts';
import { OriginalServerOnLink } from '../support/original-server-on-link.ts';
import { RunningProgram } from '../support/process.ts';
import { inRepository } from '../support/repository.ts';
import { requires } from '../support/requirements.ts';
import { type HomeServer, ServerHome } from '../support/server-home.ts';

const PASSWORD = 'secret of the disk';
const needs = requires('gnutls', 'gpg', 'namespaces');
const needsOriginal = requires('original server', 'avahi', 'private bus', 'gnutls', 'namespaces');

async function startServer(home: ServerHome, side: NetworkSide): Promise<HomeServer> {
  return await home.start({ zeroconf: true, command: side.command });
}

async function getsPassword(client: RunningProgram): Promise<void> {
  const { code } = await client.exit;
  assert.deepEqual([code, client.stdout.toString()], [0, PASSWORD], client.stderr);
}

describe('on a link without addresses', { ...needs, concurrency: 1 }, () => {
  it('brings its interface up, gets the password of our server, takes it down', async () => {
    await using keys = await ClientKeys.make();
    await using home = await ServerHome.make(await keys.section('client', PASSWORD));
    await using network = await NetworkNamespaces.make(false);
    const before = await networkState(network.right);
    await behindSwitch(network.left);
    await using server = await startServer(home, network.left);
    await server.program.waitForLine(/announced by Zeroconf on server0/);
    await using client = startClientOnLink(network.right, keys);
    await getsPassword(client);
    assert.equal(await networkState(network.right), before);
    assert.match(client.stderr, /took down interface right0/);
  });

  it("gets the password of Debian's server", needsOriginal, async () => {
    await using keys = await ClientKeys.make();
    await using network = await NetworkNamespaces.make(false);
    const before = await networkState(network.right);
    await behindSwitch(network.left);
    await using avahi = await Avahi.start(network.left);
    const section = await keys.section('client', PASSWORD);
    await using _server = await OriginalServerOnLink.start(network.left, avahi.busAddress, section);
    await using client = startClientOnLink(network.right, keys);
    await getsPassword(client);
    assert.equal(await networkState(network.right), before);
  });

  it('finds a server that appears late', async () => {
    await using keys = await ClientKeys.make();
    await using home = await ServerHome.make(await keys.section('client', PASSWORD));
    await using network = await NetworkNamespaces.make(false);
    await behindSwitch(network.left);
    await using client = startClientOnLink(network.right, keys);
    await client.waitForLine(/brought up interface right0/);
    await using _server = await startServer(home, network.left);
    await getsPassword(client);
  });

  it('uses an interface that appears late', async () => {
    await using keys = await ClientKeys.make();
    await using home = await ServerHome.make(await keys.section('client', PASSWORD));
    await using network = await NetworkNamespaces.make();
    const { left, right } = network;
    await using _server = await startServer(home, left);
    await right.ip('link', 'del', 'right0');
    await using client = startClientOnLink(right, keys);
    await client.waitForLine(/not using interface lo/);
    await left.ip(
      ...['link', 'add', 'left1', 'type', 'veth'],
      ...['peer', 'name', 'right1', 'netns', right.name],
    );
    await left.ip('link', 'set', 'left1', 'up');
    await getsPassword(client);
    assert.match(client.stderr, /took down interface right1/);
  });

  it('asks on when one of two servers does not know it', async () => {
    await using keys = await ClientKeys.make();
    await using others = await ClientKeys.make();
    await using stranger = await ServerHome.make(await others.section('other', 'not this'));
    await using home = await ServerHome.make(await keys.section('client', PASSWORD));
    await using network = await NetworkNamespaces.make();
    await using first = await startServer(stranger, network.left);
    await first.program.waitForLine(/announced by Zeroconf on left0/);
    await using client = startClientOnLink(network.right, keys, '--retry=60');
    await client.waitForLine(/it has no password for this client/);
    await using _second = await startServer(home, network.left);
    await getsPassword(client);
  });

  it('N6: gets it although ten servers take its connections and never answer', async () => {
    await using keys = await ClientKeys.make();
    await using home = await ServerHome.make(await keys.section('client', PASSWORD));
    await using network = await NetworkNamespaces.make(false);
    const { left, right } = network;
    await behindSwitch(left);
    await using silent = RunningProgram.start(
      ...left.command(
        inRepository('scripts/node'),
        ...[inRepository('test/support/silent-servers.ts'), '10', '20001'],
      ),
    );
    await silent.waitForLine(/announced/);
    await using client = startClientOnLink(right, keys);
    await client.waitForLine(/takes long; asking others meanwhile/);
    await using server = await startServer(home, left);
    await server.program.waitForLine(/announced by Zeroconf on server0/);
    const there = performance.now();
    await getsPassword(client);
    const took = performance.now() - there;
    // The silent ones would keep their places for 30 s.
    assert.ok(took < 25_000, `it took ${took} ms from the server to the password`);
  });

  it('takes its interface down when TERM ends the search', async () => {
    await using keys = await ClientKeys.make();
    await using network = await NetworkNamespaces.make(false);
    const before = await networkState(network.right);
    for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) {
      await using client = startClientOnLink(network.right, keys);
      await client.waitForLine(/brought up interface right0/);
      client.kill(signal);
      assert.equal((await client.exit).signal, signal);
      assert.equal(await networkState(network.right), before);
      assert.equal(client.stdout.length, 0);
    }
  });

  it('leaves an interface alone that was up before', async () => {
    await using keys = await ClientKeys.make();
    await using network = await NetworkNamespaces.make();
    await using client = startClientOnLink(network.right, keys);
    await client.waitForLine(/using interface right0, which is up/);
    client.kill('SIGTERM');
    await client.exit;
    assert.match(await network.right.ip('-o', 'link', 'show', 'up'), /right0/);
  });
});
