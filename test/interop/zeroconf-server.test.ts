/**
 * The whole daemon on a link with nothing but IPv6 link-local addresses: found, resolved and
 * asked, through its own responder and through Avahi.
 */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Avahi } from '../support/avahi.ts';
import { ClientKeys } from '../support/client-keys.ts';
import { NetworkNamespaces, type NetworkSide } from '../support/network-namespaces.ts';
import { startOriginalClientOnLink } from '../support/original-client-on-link.ts';
import { RunningProgram } from '../support/process.ts';
import { requires } from '../support/requirements.ts';
import { type HomeServer, type HomeStartOptions, ServerHome } from '../support/server-home.ts';
import { TempDir } from '../support/temp-dir.ts';
import { startBrowser } from '../support/zeroconf-peer.ts';

const withClient = requires('original client', 'gnutls', 'gpg', 'namespaces');
const withAvahi = requires('avahi', 'private bus', 'namespaces');

/** For a server on this machine that announces itself. */
function announcing(side: NetworkSide, ...options: readonly string[]): HomeStartOptions {
  return { zeroconf: true, options, command: side.command };
}

/** What avahi-browse resolves, one line each. */
async function resolved(avahi: Avahi): Promise<string[]> {
  const { stdout } = await avahi.run('avahi-browse', '-rpt', '_mandos._tcp');
  const lines = stdout.toString().split('\n');
  return lines.filter((line) => line.startsWith('='));
}

describe("Debian's mandos-client", { ...withClient, concurrency: 2 }, () => {
  it('finds the server through the own responder and gets its password', async () => {
    await using keys = await ClientKeys.make();
    await using hooks = await TempDir.create();
    await using home = await ServerHome.make(await keys.section('foo', 'the password'));
    await using network = await NetworkNamespaces.make();
    await using server = await home.start(announcing(network.left));
    await using client = startOriginalClientOnLink(network.right, keys, hooks.path);
    const { code } = await client.exit;
    assert.equal(code, 0, client.stderr);
    assert.equal(client.stdout.toString(), 'the password');
    assert.match(server.log, /sending secret to foo at fe80::[0-9a-f:]+/);
  });

  it('finds the server through Avahi and gets its password', withAvahi, async () => {
    await using keys = await ClientKeys.make();
    await using hooks = await TempDir.create();
    await using home = await ServerHome.make(await keys.section('foo', 'the password'));
    await using network = await NetworkNamespaces.make();
    await using avahi = await Avahi.start(network.left, true);
    await using server = await home.start({ ...announcing(network.left), bus: avahi.busAddress });
    await using client = startOriginalClientOnLink(network.right, keys, hooks.path);
    const { code } = await client.exit;
    assert.equal(code, 0, client.stderr);
    assert.equal(client.stdout.toString(), 'the password');
    assert.match(server.log, /sending secret to foo at fe80::[0-9a-f:]+/);
  });
});

describe('avahi-browse', { ...withAvahi, concurrency: 2 }, () => {
  const like = (port: number, name = 'Mandos'): RegExp =>
    new RegExp(
      `^=;right0;IPv6;${name};_mandos\\._tcp;local;[^;]+\\.local;fe80::[0-9a-f:]+;${port};`,
    );

  it('resolves a server with the own responder, and hears its goodbye', async () => {
    await using home = await ServerHome.make('');
    await using network = await NetworkNamespaces.make();
    await using server = await home.start(announcing(network.left));
    await using avahi = await Avahi.start(network.right);
    await server.program.waitForLine(/announced by Zeroconf on left0/);
    const [line] = await resolved(avahi);
    assert.match(line ?? '', like(server.port));
    await using watching = avahi.start('avahi-browse', '-p', '_mandos._tcp');
    await watching.waitForLine(/^\+;right0;IPv6;Mandos;/);
    server.program.kill('SIGTERM');
    await watching.waitForLine(/^-;right0;IPv6;Mandos;/);
    assert.equal((await server.program.exit).code, 0);
  });

  it('resolves a server that announces through Avahi, and sees it go', async () => {
    await using home = await ServerHome.make('');
    await using network = await NetworkNamespaces.make();
    await using beside = await Avahi.start(network.left, true);
    await using server = await home.start({ ...announcing(network.left), bus: beside.busAddress });
    await using avahi = await Avahi.start(network.right);
    await using watching = avahi.start('avahi-browse', '-rp', '_mandos._tcp');
    await watching.waitForLine(like(server.port));
    server.program.kill('SIGTERM');
    await watching.waitForLine(/^-;right0;IPv6;Mandos;/);
    assert.equal((await server.program.exit).code, 0);
  });

  it('shows two servers on one link by two names', async () => {
    await using home = await ServerHome.make('');
    await using other = await ServerHome.make('');
    await using network = await NetworkNamespaces.make();
    await using first = await home.start(announcing(network.left));
    await first.program.waitForLine(/announced by Zeroconf on left0/);
    await using second = await other.start(announcing(network.right));
    await second.program.waitForLine(/the Zeroconf service is named "Mandos #2" from now on/);
    await second.program.waitForLine(/announced by Zeroconf on right0/);
    await using avahi = await Avahi.start(network.right);
    await using watching = avahi.start('avahi-browse', '-rp', '_mandos._tcp');
    await watching.waitForLine(like(first.port));
    await watching.waitForLine(like(second.port, 'Mandos\\\\032#2|Mandos\\\\032\\\\0352'));
    assert.doesNotMatch(first.log, /is named/);
  });

  it('shows another name where a server of Avahi has ours', async () => {
    await using home = await ServerHome.make('');
    await using network = await NetworkNamespaces.make();
    await using avahi = await Avahi.start(network.right);
    await using published = avahi.start('avahi-publish', '-s', 'Mandos', '_mandos._tcp', '4711');
    await published.waitForLine(/Established under name/);
    {
      // On the link it is a little later.
      await using browser = startBrowser(network.left);
      await browser.waitForLine(/"kind":"found"/);
    }
    await using beside = await Avahi.start(network.left, true);
    await using server = await home.start({ ...announcing(network.left), bus: beside.busAddress });
    await server.program.waitForLine(/the Zeroconf service is named "Mandos #2" from now on/);
  });
});

describe('a server that announces through Avahi', { ...withAvahi, concurrency: 2 }, () => {
  const announced = /announced by Zeroconf on all interfaces/;

  /** Waits for the `count`th announcement. */
  async function announcedAgain({ program }: HomeServer, count: number): Promise<void> {
    const times = (): number => program.stderr.split('\n').filter((l) => announced.test(l)).length;
    const found = (): true | undefined => (times() >= count ? true : undefined);
    await program.waitForOutput(found, `${announced} ${count} times`, 60_000);
  }

  for (const [what, restart] of [
    ['avahi-daemon, stopped and started', (avahi: Avahi) => avahi.stopDaemon()],
    ['avahi-daemon, killed and started', (avahi: Avahi) => avahi.stopDaemon('SIGKILL')],
  ] as const) {
    it(`is found again after a restart of ${what}`, async () => {
      await using home = await ServerHome.make('');
      await using network = await NetworkNamespaces.make();
      const { left, right } = network;
      await using avahi = await Avahi.start(left, true);
      await using server = await home.start({ ...announcing(left), bus: avahi.busAddress });
      await announcedAgain(server, 1);
      await restart(avahi);
      await avahi.startDaemon();
      await announcedAgain(server, 2);
      await using browser = startBrowser(right);
      await browser.waitForLine(found(server, 'Mandos'));
      assert.doesNotMatch(server.log, /is named/);
    });
  }

  it('is found again after a restart of the bus and of avahi-daemon, many times', async () => {
    await using home = await ServerHome.make('');
    await using network = await NetworkNamespaces.make();
    const { left, right } = network;
    await using avahi = await Avahi.start(left, true);
    await using server = await home.start({ ...announcing(left), bus: avahi.busAddress });
    await announcedAgain(server, 1);
    for (let restarts = 1; restarts <= 3; restarts++) {
      await avahi.restartAll();
      await announcedAgain(server, restarts + 1);
    }
    await using browser = startBrowser(right);
    await browser.waitForLine(found(server, 'Mandos'));
    assert.doesNotMatch(server.log, /is named/);
  });

  it('waits for Avahi where another program has the port of multicast DNS', async () => {
    await using home = await ServerHome.make('');
    await using network = await NetworkNamespaces.make();
    const { left, right } = network;
    await using avahi = await Avahi.start(left, true);
    await avahi.stopDaemon();
    const taking = `import socket, time
s = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM); s.bind(('::', 5353)); print('taken', flush=True); time.sleep(60)`;
    await using taker = RunningProgram.start(...left.command('/usr/bin/python3', '-c', taking));
    await taker.waitForLine(/taken/);
    await using server = await home.start({ ...announcing(left), bus: avahi.busAddress });
    await server.program.waitForLine(/Avahi is awaited/);
    await taker[Symbol.asyncDispose]();
    await avahi.startDaemon();
    await announcedAgain(server, 1);
    await using browser = startBrowser(right);
    await browser.waitForLine(found(server, 'Mandos'));
  });

  it('keeps the name it was given when Avahi comes back and the other server is gone', async () => {
    await using home = await ServerHome.make('');
    await using other = await ServerHome.make('');
    await using network = await NetworkNamespaces.make();
    const { left, right } = network;
    await using avahi = await Avahi.start(left, true);
    await using first = await other.start(announcing(right));
    await first.program.waitForLine(/announced by Zeroconf on right0/);
    await using server = await home.start({ ...announcing(left), bus: avahi.busAddress });
    await server.program.waitForLine(/the Zeroconf service is named "Mandos #2" from now on/);
    await announcedAgain(server, 1);
    await first.stop();
    await avahi.stopDaemon();
    await avahi.startDaemon();
    await announcedAgain(server, 2);
    await using browser = startBrowser(right);
    await browser.waitForLine(found(server, 'Mandos #2'));
  });
});

function found(server: HomeServer, name: string): RegExp {
  return new RegExp(`"kind":"found".*"name":"${name}".*"port":${server.port}`);
}

describe('the server on its interfaces', { ...requires('namespaces'), concurrency: 2 }, () => {
  it('announces only on --interface', async () => {
    await using home = await ServerHome.make('');
    await using network = await NetworkNamespaces.make();
    const { left, right } = network;
    await left.ip(
      ...['link', 'add', 'left1', 'type', 'veth'],
      ...['peer', 'name', 'right1', 'netns', right.name],
    );
    await left.ip('link', 'set', 'left1', 'up');
    await right.ip('link', 'set', 'right1', 'up');
    await using browser = startBrowser(right);
    await using everywhere = await home.start(announcing(left, '--servicename', 'everywhere'));
    await everywhere.program.waitForLine(/announced by Zeroconf on left0/);
    await everywhere.program.waitForLine(/announced by Zeroconf on left1/);
    await using other = await ServerHome.make('');
    await using server = await other.start(
      announcing(left, '--interface', 'left1', '--servicename', 'only there'),
    );
    await server.program.waitForLine(/announced by Zeroconf on left1/);
    await browser.waitForLine(/"kind":"found".*"name":"everywhere".*"interface":"right0"/);
    await browser.waitForLine(/"kind":"found".*"name":"only there".*"interface":"right1"/);
    assert.doesNotMatch(browser.stdout.toString(), /"name":"only there"[^\n]*"interface":"right0"/);
    assert.doesNotMatch(server.log, /announced by Zeroconf on left0/);
  });

  it('is found through one that comes up late', async () => {
    await using home = await ServerHome.make('');
    await using network = await NetworkNamespaces.make(false);
    const { left, right } = network;
    await using server = await home.start(announcing(left));
    await using browser = startBrowser(right);
    await left.ip('link', 'set', left.interface, 'up');
    await right.ip('link', 'set', right.interface, 'up');
    await browser.waitForLine(new RegExp(`"kind":"found".*"port":${server.port}`));
    await server.program.waitForLine(/announced by Zeroconf on left0/);
  });
});
