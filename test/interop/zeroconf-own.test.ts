/** Our responder and browser with each other, and with interfaces that come late. */
import assert from 'node:assert/strict';
import test from 'node:test';
import { NetworkNamespaces } from '../support/network-namespaces.ts';
import { requires } from '../support/requirements.ts';
import { startAnnouncer, startBrowser } from '../support/zeroconf-peer.ts';

const needs = requires('namespaces');
const ANNOUNCED = /"kind":"announced"/;

test('the second of two servers of one name on a link takes another', needs, async () => {
  await using network = await NetworkNamespaces.make();
  await using first = startAnnouncer(network.left, 'Mandos', 4711);
  await first.waitForLine(ANNOUNCED);
  await using second = startAnnouncer(network.right, 'Mandos', 4712);
  await second.waitForLine(/"kind":"announced".*"name":"Mandos #2"/);
  assert.doesNotMatch(first.stdout.toString(), /renamed/);
});

test('two servers of one name on one machine take two names', needs, async () => {
  await using network = await NetworkNamespaces.make();
  await using first = startAnnouncer(network.left, 'Mandos', 4711);
  await first.waitForLine(ANNOUNCED);
  await using second = startAnnouncer(network.left, 'Mandos', 4712);
  await second.waitForLine(/"kind":"announced".*"name":"Mandos #2"/);
  assert.doesNotMatch(first.stdout.toString(), /renamed/);
  await using browser = startBrowser(network.right);
  await browser.waitForLine(/"kind":"found".*"name":"Mandos".*"port":4711/);
  await browser.waitForLine(/"kind":"found".*"name":"Mandos #2".*"port":4712/);
});

test('a server is found through an interface that comes up late', needs, async () => {
  await using network = await NetworkNamespaces.make(false);
  await using announcer = startAnnouncer(network.left, 'Mandos', 4711);
  await using browser = startBrowser(network.right);
  await network.left.ip('link', 'set', 'left0', 'up');
  await network.right.ip('link', 'set', 'right0', 'up');
  await browser.waitForLine(/"kind":"found"/);
  assert.doesNotMatch(browser.stdout.toString() + announcer.stdout, /"kind":"failed"/);
});

test('an interface that is taken away and made anew works again', needs, async () => {
  await using network = await NetworkNamespaces.make();
  const { left, right } = network;
  await using announcer = startAnnouncer(left, 'Mandos', 4711);
  await using browser = startBrowser(right);
  await browser.waitForLine(/"kind":"found"/);
  await left.ip('link', 'del', 'left0');
  await browser.waitForLine(/"kind":"gone".*"why":"interface"/);
  await left.ip(
    ...['link', 'add', 'left1', 'type', 'veth'],
    ...['peer', 'name', 'right1', 'netns', right.name],
  );
  await left.ip('link', 'set', 'left1', 'up');
  await right.ip('link', 'set', 'right1', 'up');
  await browser.waitForLine(/"kind":"found".*"interface":"right1"/);
  await announcer.waitForLine(/"kind":"announced","interface":"left1"/);
});

test('a server is found by IPv4 too where there is IPv4', needs, async () => {
  await using network = await NetworkNamespaces.make();
  const { left, right } = network;
  await left.ip('addr', 'add', '192.0.2.1/24', 'dev', 'left0');
  await right.ip('addr', 'add', '192.0.2.2/24', 'dev', 'right0');
  for (const { ip, interface: name } of [left, right]) await ip('-6', 'addr', 'flush', 'dev', name);
  await using announcer = startAnnouncer(left, 'Mandos', 4711);
  await announcer.waitForLine(ANNOUNCED);
  await using browser = startBrowser(right);
  await browser.waitForLine(/"kind":"found".*"addresses":\["192\.0\.2\.1"\]/);
});
