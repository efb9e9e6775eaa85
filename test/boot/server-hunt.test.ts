/** The client on a simulated machine: hooks, interfaces, announced servers, routes, and their end. */
import assert from 'node:assert/strict';
import test from 'node:test';
import type { ClientSettings } from '../../src/boot/client-settings.ts';
import { fetchPassword } from '../../src/boot/fetch-password.ts';
import { parseServerAddress } from '../../src/boot/server-address.ts';
import { asciiBytes } from '../../src/core/bytes.ts';
import { milliseconds, seconds } from '../../src/core/time.ts';
import { clientPlatform, clientSettings, SimulatedServer, seal } from './simulated-client.ts';
import { HOOK_FOLDER } from './simulated-hooks.ts';
import { ethernet } from './simulated-network.ts';
import type { SimulatedPlatform } from './simulated-platform.ts';

const PASSWORD = asciiBytes('correct horse battery staple');
const BLOB = await seal(PASSWORD);
const GOOD = 'fe80::9%eth0';
const GOOD_SERVER = `[${GOOD}]:4711`;

/** A machine with an interface that is down and a good server on its link. */
function machine(): SimulatedPlatform {
  const platform = clientPlatform();
  platform.network.add(ethernet(0));
  platform.hosts.set(GOOD_SERVER, new SimulatedServer(platform, BLOB).take);
  return platform;
}

function searching(more: Partial<ClientSettings> = {}): ClientSettings {
  return clientSettings({ connect: null, networkHookDirectory: HOOK_FOLDER, ...more });
}

/** TLS and OpenPGP are real and need the machine's time, which the clock does not count. */
async function settled(): Promise<void> {
  for (let turn = 0; turn < 40; turn++) await new Promise((resolve) => setImmediate(resolve));
}

function nothingLeft(platform: SimulatedPlatform): void {
  assert.equal(platform.browsing, false);
  assert.equal(platform.open, 0);
  assert.equal(platform.clock.pending, 0);
  assert.equal(platform.network.quiet, false);
  assert.equal(platform.network.routes.size, 0);
  assert.equal(platform.hooks.running, 0);
  assert.ok(platform.network.links().every(({ up }) => !up));
}

test('an announced server is asked on an interface that was brought up for it', async () => {
  const platform = machine();
  platform.hooks.add('bridge');
  const fetching = fetchPassword(searching(), platform);
  await platform.announce('good', GOOD);
  await fetching;
  assert.deepEqual(platform.written, [PASSWORD]);
  assert.deepEqual(platform.network.deeds, ['up eth0', 'down eth0']);
  assert.deepEqual(platform.hooks.runs, ['bridge start', 'bridge stop']);
  nothingLeft(platform);
});

test('a server of --server is asked besides those that are found', async () => {
  const platform = machine();
  platform.hosts.set('192.0.2.7:4711', new SimulatedServer(platform, BLOB).take);
  await fetchPassword(searching({ servers: [parseServerAddress('192.0.2.7:4711')] }), platform);
  assert.deepEqual(platform.written, [PASSWORD]);
  nothingLeft(platform);
});

test('ten servers that never answer delay the good one by a tenth of a second', async () => {
  const platform = machine();
  const fetching = fetchPassword(searching(), platform);
  for (let number = 1; number <= 10; number++) {
    platform.hosts.set(`[fe80::dead:${number}%eth0]:4711`, 'silence');
    await platform.announce(`dead ${number}`, `fe80::dead:${number}%eth0`);
  }
  await platform.announce('good', GOOD);
  await platform.clock.advance(milliseconds(100));
  await fetching;
  assert.deepEqual(platform.written, [PASSWORD]);
  assert.ok(platform.setAside.includes('dead 1'));
  nothingLeft(platform);
});

test('N6: sixty servers that finish the handshake and stay silent do not stop a new one', async () => {
  const platform = machine();
  const fetching = fetchPassword(searching(), platform);
  const silent = new SimulatedServer(platform, 'approval pending');
  for (let number = 1; number <= 60; number++) {
    platform.hosts.set(`[fe80::5:${number}%eth0]:4711`, silent.take);
    await platform.announce(`silent ${number}`, `fe80::5:${number}%eth0`);
  }
  await platform.said(/server: waits for approval/, 8);
  for (let round = 0; round < 60; round++) {
    await platform.clock.advance(seconds(1));
    await settled();
  }
  await platform.announce('good', GOOD);
  const before = platform.clock.now();
  while (platform.written.length === 0) {
    await platform.clock.advance(milliseconds(100));
    await settled();
    assert.ok(platform.clock.now() - before < 10_000, 'the good server was not asked in time');
  }
  await fetching;
  assert.deepEqual(platform.written, [PASSWORD]);
});

test('N6: eight that keep us waiting and are announced no more do not keep their places', async () => {
  const platform = machine();
  const fetching = fetchPassword(searching(), platform);
  const silent = new SimulatedServer(platform, 'approval pending');
  for (let number = 1; number <= 8; number++) {
    platform.hosts.set(`[fe80::5:${number}%eth0]:4711`, silent.take);
    await platform.announce(`silent ${number}`, `fe80::5:${number}%eth0`);
  }
  await platform.said(/server: waits for approval/, 8);
  for (let number = 1; number <= 8; number++) platform.withdraw(`silent ${number}`);
  await platform.announce('good', GOOD);
  await platform.clock.advance(seconds(1));
  await fetching;
  assert.deepEqual(platform.written, [PASSWORD]);
});

test('a good server hidden behind a false address of its own name is asked all the same', async () => {
  const platform = machine();
  const fetching = fetchPassword(searching(), platform);
  platform.hosts.set(
    '[fe80::bad%eth0]:4711',
    new SimulatedServer(platform, 'approval pending').take,
  );
  await platform.announce('good', 'fe80::bad%eth0', GOOD);
  await platform.clock.advance(milliseconds(200));
  await fetching;
  assert.deepEqual(platform.written, [PASSWORD]);
});

test('a route is made to a found server that cannot be reached, and removed', async () => {
  const platform = machine();
  platform.hosts.set('[2001:db8::9]:4711', 'no route');
  const fetching = fetchPassword(searching(), platform);
  await platform.announce('far', '2001:db8::9');
  await platform.said(/no password from \[2001:db8::9\]/);
  assert.deepEqual(platform.network.deeds, [
    'up eth0',
    'route 2001:db8::9 eth0',
    'no route 2001:db8::9',
  ]);
  platform.stop.abort(new Error('TERM'));
  await assert.rejects(fetching, /TERM/);
  nothingLeft(platform);
});

test('no route is made to a server that nobody announced', async () => {
  const platform = machine();
  platform.hosts.set('[2001:db8::9]:4711', 'no route');
  const servers = [parseServerAddress('2001:db8::9:4711')];
  const fetching = fetchPassword(searching({ servers }), platform);
  await platform.said(/ENETUNREACH/);
  assert.deepEqual(platform.network.deeds, ['up eth0']);
  platform.stop.abort(new Error('TERM'));
  await assert.rejects(fetching, /TERM/);
});

test('C4: a signal while a hook runs ends the hook, stops it, and touches nothing else', async () => {
  const platform = machine();
  platform.hooks.add('a-slow', 'for ever');
  platform.hooks.add('b-next');
  const fetching = fetchPassword(searching(), platform);
  await platform.said(/running network hook a-slow start/);
  platform.stop.abort(new Error('TERM'));
  const over = assert.rejects(fetching, /TERM/);
  // Its "stop" does not end either.
  await platform.said(/running network hook a-slow stop/);
  await platform.clock.advance(seconds(10));
  await over;
  assert.deepEqual(platform.hooks.runs, ['a-slow start', 'a-slow stop']);
  assert.deepEqual(platform.network.deeds, []);
  nothingLeft(platform);
});

test('C4: a hook is not stopped before its start has really ended', async () => {
  const platform = machine();
  platform.hooks.add('tunnel', 'reluctantly');
  const fetching = fetchPassword(searching(), platform);
  await platform.said(/running network hook tunnel start/);
  platform.stop.abort(new Error('TERM'));
  const over = assert.rejects(fetching, /TERM/);
  await settled();
  assert.deepEqual(platform.hooks.runs, ['tunnel start']);
  platform.hooks.add('tunnel');
  platform.hooks.finish();
  await over;
  assert.deepEqual(platform.hooks.runs, ['tunnel start', 'tunnel stop']);
  nothingLeft(platform);
});

test('a hook that never ends holds up the search for a minute and no longer', async () => {
  const platform = machine();
  platform.hooks.add('endless', 'for ever');
  const fetching = fetchPassword(searching(), platform);
  await platform.said(/running network hook endless start/);
  await platform.clock.advance(seconds(60));
  platform.hooks.add('endless');
  await platform.announce('good', GOOD);
  await fetching;
  assert.deepEqual(platform.written, [PASSWORD]);
  nothingLeft(platform);
});
