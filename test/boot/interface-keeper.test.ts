import assert from 'node:assert/strict';
import test from 'node:test';
import { chooseInterfaces } from '../../src/boot/client-option-values.ts';
import { fitness } from '../../src/boot/interface-fitness.ts';
import { InterfaceKeeper } from '../../src/boot/interface-keeper.ts';
import type { NetworkLink } from '../../src/boot/network.ts';
import { milliseconds, seconds } from '../../src/core/time.ts';
import { RecordingLog } from '../support/recording-log.ts';
import { SimulatedClock } from '../support/simulated-clock.ts';
import { ethernet, SimulatedNetwork } from './simulated-network.ts';

function keeping(links: readonly NetworkLink[], ...lists: readonly string[]) {
  const network = new SimulatedNetwork();
  network.add(...links);
  const clock = new SimulatedClock();
  const log = new RecordingLog();
  let changes = 0;
  const keeper = new InterfaceKeeper({
    ...{ network, clock, log, choice: chooseInterfaces(lists), connecting: false },
    delay: seconds(2.5),
    changed: () => {
      changes++;
    },
  });
  return { network, clock, log, keeper, changes: () => changes };
}

// Seen with the original; "tun" has the flag NOARP as well.
const LINKS: readonly [string, Partial<NetworkLink>, boolean, boolean][] = [
  ['Ethernet', {}, true, true],
  ['the loopback', { loopback: true, broadcast: false }, false, false],
  ['a tun', { pointToPoint: true, broadcast: false, noArp: true }, false, true],
  ['one without broadcast', { broadcast: false }, false, true],
  ['one without ARP', { noArp: true }, false, false],
];

for (const [what, flags, search, connect] of LINKS) {
  test(`${what} is ${search ? '' : 'not '}searched${connect ? ', and used to connect' : ''}`, () => {
    const link = ethernet(0, flags);
    const all = chooseInterfaces([]);
    assert.equal(fitness(link, all, false).kind === 'fit', search);
    assert.equal(fitness(link, all, true).kind === 'fit', connect);
    // A name goes before all flags.
    assert.equal(fitness(link, chooseInterfaces(['eth0']), false).kind, 'fit');
    assert.equal(fitness(link, chooseInterfaces(['eth1']), false).kind, 'unfit');
  });
}

test('C4: what was down is brought up and taken down again, what was up stays', () => {
  const { network, keeper } = keeping([ethernet(0), ethernet(1, { up: true, running: true })]);
  keeper.start();
  keeper[Symbol.dispose]();
  keeper[Symbol.dispose]();
  assert.deepEqual(network.deeds, ['up eth0', 'down eth0']);
});

test('after "none" nothing more is brought up, and it is used all the same', () => {
  const { network, keeper } = keeping([ethernet(0), ethernet(1)], 'eth0,none,eth1');
  keeper.start();
  assert.deepEqual(network.deeds, ['up eth0']);
  assert.equal(keeper.wanted('eth1'), true);
  assert.equal(keeper.wanted('eth2'), false);
});

test('an interface that appears late is brought up once its name has settled', async () => {
  const { network, clock, keeper, changes } = keeping([]);
  keeper.start();
  await clock.advance(seconds(5));
  network.add(ethernet(3, { name: 'eth0' }));
  await clock.advance(milliseconds(200));
  network.add(ethernet(3, { name: 'enp3s0' }));
  await clock.advance(milliseconds(300));
  assert.deepEqual(network.deeds, []);
  await clock.advance(milliseconds(200));
  assert.deepEqual(network.deeds, ['up enp3s0']);
  await clock.advance(milliseconds(100));
  assert.ok(changes() > 0);
  keeper[Symbol.dispose]();
  assert.deepEqual(network.deeds, ['up enp3s0', 'down enp3s0']);
  assert.equal(clock.pending, 0);
});

test('one that cannot be brought up is told of once and keeps no other from it', async () => {
  const { network, clock, log, keeper } = keeping([ethernet(0), ethernet(1)]);
  network.broken.add(0);
  keeper.start();
  await clock.advance(seconds(30));
  assert.deepEqual(network.deeds, ['up eth1']);
  assert.equal(log.at('warning').length, 1);
});

test('one that has gone by itself is no trouble at the end', () => {
  const { network, log, keeper } = keeping([ethernet(0), ethernet(1)]);
  keeper.start();
  network.machine.delete(0);
  keeper[Symbol.dispose]();
  assert.deepEqual(network.deeds, ['up eth0', 'up eth1', 'down eth1']);
  assert.deepEqual(log.at('warning'), []);
});

test('the kernel is quiet until all interfaces run', async () => {
  const { network, clock, keeper } = keeping([ethernet(0)]);
  network.runsAtOnce = false;
  keeper.start();
  assert.equal(network.quiet, true);
  await clock.advance(seconds(1));
  assert.equal(network.quiet, true);
  network.change(0, { running: true });
  await clock.advance(milliseconds(100));
  assert.equal(network.quiet, false);
});

test('the kernel is quiet no longer than --delay', async () => {
  const { network, clock, keeper } = keeping([ethernet(0)]);
  network.runsAtOnce = false;
  keeper.start();
  await clock.advance(seconds(2.4));
  assert.equal(network.quiet, true);
  await clock.advance(seconds(0.1));
  assert.equal(network.quiet, false);
  keeper[Symbol.dispose]();
  assert.equal(network.quiet, false);
});

test('a usable address is told of', async () => {
  const { network, clock, keeper, changes } = keeping([ethernet(0)]);
  keeper.start();
  await clock.advance(seconds(1));
  const before = changes();
  network.addresses = 'fe80::1';
  await clock.advance(milliseconds(100));
  assert.equal(changes(), before + 1);
});

test('what the kernel tells of is seen at once, and nothing more after the end', async () => {
  const { network, clock, keeper, changes } = keeping([ethernet(0)]);
  network.tells = true;
  keeper.start();
  await clock.advance(seconds(2));
  const before = changes();
  network.addresses = 'fe80::1';
  network.tell();
  assert.equal(changes(), before + 1);
  keeper[Symbol.dispose]();
  assert.equal(network.watchers.size, 0);
  assert.equal(clock.pending, 0);
});

test('where the kernel tells of changes, it is looked once a second unless something is due', async () => {
  const { network, clock, keeper, changes } = keeping([]);
  network.tells = true;
  keeper.start();
  await clock.advance(seconds(0.5));
  network.addresses = 'fe80::1';
  await clock.advance(seconds(0.4));
  assert.equal(changes(), 0);
  await clock.advance(seconds(0.1));
  assert.equal(changes(), 1);
  network.add(ethernet(3));
  network.tell();
  await clock.advance(milliseconds(300));
  assert.deepEqual(network.deeds, ['up eth3']);
  keeper[Symbol.dispose]();
});

test('C4: one that is renamed after it was brought up is taken down by its new name', async () => {
  const { network, clock, keeper } = keeping([ethernet(0)]);
  keeper.start();
  network.change(0, { name: 'lan0' });
  await clock.advance(seconds(1));
  keeper[Symbol.dispose]();
  assert.deepEqual(network.deeds, ['up eth0', 'down lan0']);
});

test('C4: one that is renamed in the moment before the end is taken down', () => {
  const { network, keeper } = keeping([ethernet(0)]);
  keeper.start();
  network.change(0, { name: 'lan0' });
  keeper[Symbol.dispose]();
  assert.deepEqual([network.machine.get(0)?.up, network.deeds.length], [false, 2]);
});

test('one that is renamed to a name that was asked for is used', async () => {
  const { network, clock, keeper } = keeping([ethernet(0)], 'lan0');
  keeper.start();
  await clock.advance(seconds(1));
  assert.deepEqual(network.deeds, []);
  network.change(0, { name: 'lan0' });
  await clock.advance(seconds(1));
  assert.deepEqual(network.deeds, ['up lan0']);
});

test('C4: what was brought up last is taken down first, as it may stand on the others', () => {
  const { network, keeper } = keeping([ethernet(0), ethernet(1)]);
  keeper.start();
  keeper[Symbol.dispose]();
  assert.deepEqual(network.deeds, ['up eth0', 'up eth1', 'down eth1', 'down eth0']);
});
