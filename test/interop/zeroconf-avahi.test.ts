/** Our responder and browser with Avahi, on a link with nothing but IPv6 link-local addresses. */
import assert from 'node:assert/strict';
import test from 'node:test';
import { Avahi } from '../support/avahi.ts';
import { NetworkNamespaces } from '../support/network-namespaces.ts';
import { requires } from '../support/requirements.ts';
import { startAnnouncer, startBrowser } from '../support/zeroconf-peer.ts';

const needs = requires('avahi', 'private bus', 'namespaces');
const ANNOUNCED = /"kind":"announced"/;

test('avahi-browse resolves the service that our responder announces', needs, async () => {
  await using network = await NetworkNamespaces.make();
  await using announcer = startAnnouncer(network.left, 'Mandos', 4711);
  await using avahi = await Avahi.start(network.right);
  await announcer.waitForLine(ANNOUNCED);
  const { stdout } = await avahi.run('avahi-browse', '-rpt', '_mandos._tcp');
  const [resolved] = stdout
    .toString()
    .split('\n')
    .filter((line) => line.startsWith('='));
  assert.match(
    resolved ?? stdout.toString(),
    /^=;right0;IPv6;Mandos;_mandos\._tcp;local;[\w-]+-mandos\.local;fe80::[0-9a-f:]+;4711;/,
  );
});

test('Avahi hears our goodbye', needs, async () => {
  await using network = await NetworkNamespaces.make();
  await using announcer = startAnnouncer(network.left, 'Mandos', 4711);
  await using avahi = await Avahi.start(network.right);
  await using watching = avahi.start('avahi-browse', '-p', '_mandos._tcp');
  await watching.waitForLine(/^\+;right0;IPv6;Mandos;/);
  announcer.kill('SIGTERM');
  await watching.waitForLine(/^-;right0;IPv6;Mandos;/);
  assert.equal((await announcer.exit).code, 0);
});

test('Avahi lists the type of our service among those on the link', needs, async () => {
  await using network = await NetworkNamespaces.make();
  await using announcer = startAnnouncer(network.left, 'Mandos', 4711);
  await using avahi = await Avahi.start(network.right);
  await announcer.waitForLine(ANNOUNCED);
  await using watching = avahi.start('avahi-browse', '-ap');
  await watching.waitForLine(/^\+;right0;IPv6;Mandos;.*_mandos\._tcp/);
});

test('our browser finds the service that Avahi announces, and sees it go', needs, async () => {
  await using network = await NetworkNamespaces.make();
  await using browser = startBrowser(network.left);
  await using avahi = await Avahi.start(network.right);
  await using published = avahi.start('avahi-publish', '-s', 'Mandos', '_mandos._tcp', '4711');
  const found = await browser.waitForLine(/"kind":"found"/);
  const { server } = JSON.parse(found.input);
  assert.equal(server.name, 'Mandos');
  assert.equal(server.host, 'avahi-host.local');
  assert.equal(server.port, 4711);
  assert.match(server.addresses[0], /^fe80::[0-9a-f:]+%left0$/);
  published.kill('SIGTERM');
  await browser.waitForLine(/"kind":"gone"/);
});

test('a service of Avahi that was there before is found by the first query', needs, async () => {
  await using network = await NetworkNamespaces.make();
  await using avahi = await Avahi.start(network.right);
  await using published = avahi.start('avahi-publish', '-s', 'Mandos', '_mandos._tcp', '4711');
  await published.waitForLine(/Established under name/);
  await using browser = startBrowser(network.left);
  await browser.waitForLine(/"kind":"found"/);
});

test("our service takes another name when Avahi's has it", needs, async () => {
  await using network = await NetworkNamespaces.make();
  await using avahi = await Avahi.start(network.right);
  await using _published = avahi.start('avahi-publish', '-s', 'Mandos', '_mandos._tcp', '4711');
  // It calls itself established before it may use its address; on the link it is later.
  await using browser = startBrowser(network.left);
  await browser.waitForLine(/"kind":"found"/);
  await using announcer = startAnnouncer(network.left, 'Mandos', 4712);
  await announcer.waitForLine(/"kind":"announced".*"name":"Mandos #2"/);
});

test("Avahi's service takes another name when ours has it", needs, async () => {
  await using network = await NetworkNamespaces.make();
  await using announcer = startAnnouncer(network.left, 'Mandos', 4711);
  await announcer.waitForLine(ANNOUNCED);
  await using avahi = await Avahi.start(network.right);
  await using published = avahi.start('avahi-publish', '-s', 'Mandos', '_mandos._tcp', '4712');
  await published.waitForLine(/Established under name 'Mandos #2'/);
  assert.doesNotMatch(announcer.stdout.toString(), /renamed/);
});

test(
  'beside an Avahi that shares the port our responder announces all the same',
  needs,
  async () => {
    await using network = await NetworkNamespaces.make();
    await using _beside = await Avahi.start(network.left);
    await using announcer = startAnnouncer(network.left, 'Mandos', 4711);
    await announcer.waitForLine(ANNOUNCED);
    await using avahi = await Avahi.start(network.right);
    await using watching = avahi.start('avahi-browse', '-rp', '_mandos._tcp');
    await watching.waitForLine(/^=;right0;IPv6;Mandos;/);
  },
);

test('an Avahi that keeps the port to itself is told from other troubles', needs, async () => {
  await using network = await NetworkNamespaces.make();
  await using _alone = await Avahi.start(network.left, true);
  await using announcer = startAnnouncer(network.left, 'Mandos', 4711);
  const failed = await announcer.waitForLine(/"kind":"failed"/);
  assert.equal(JSON.parse(failed.input).portTaken, true);
});
