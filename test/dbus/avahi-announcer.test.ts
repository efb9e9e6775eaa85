/** Announcing through a real avahi-daemon. */
import assert from 'node:assert/strict';
import test from 'node:test';
import { MandosError } from '../../src/core/error.ts';
import { AvahiAnnouncer } from '../../src/dbus/avahi-announcer.ts';
import { bootClock } from '../../src/system/boot-clock.ts';
import type { Announcer } from '../../src/zeroconf/announcer.ts';
import { RecordingLog } from '../support/recording-log.ts';
import { requires } from '../support/requirements.ts';
import { AvahiHost } from './avahi-host.ts';
import { RestartableBus } from './restartable-bus.ts';

const needed = requires('root', 'avahi', 'private bus', 'namespaces');
const log = new RecordingLog();

/** What the announcer has told, and a way to wait for the next thing. */
class Heard {
  readonly told: string[] = [];
  #wake: () => void = () => undefined;

  renamed = (name: string): void => this.#tell(`renamed ${name}`);
  announced = (interfaceName: string): void => this.#tell(`announced on ${interfaceName}`);

  #tell(what: string): void {
    this.told.push(what);
    this.#wake();
  }

  async count(number: number): Promise<string[]> {
    while (this.told.length < number) await new Promise<void>((resolve) => (this.#wake = resolve));
    return this.told;
  }
}

function announcer(address: string): Announcer {
  return new AvahiAnnouncer({ address, clock: bootClock, log });
}

const SERVICE = {
  name: 'Mandos',
  port: 4711,
  interface: null,
  families: ['ipv4', 'ipv6'],
  address: null,
} as const;

test('a service is found and resolved, and is gone afterwards', needed, async () => {
  await using bus = await RestartableBus.start();
  await using avahi = await AvahiHost.start(bus.address);
  const heard = new Heard();
  await using watcher = avahi.watch();
  {
    await using announcement = await announcer(bus.address).announce(SERVICE, heard);
    assert.deepEqual(await heard.count(1), ['announced on all interfaces']);
    assert.equal(announcement.name, 'Mandos');
    const found = await avahi.browse();
    assert.ok(found.length > 0);
    for (const { name, port } of found) assert.deepEqual([name, port], ['Mandos', 4711]);
    await watcher.waitForLine(/^\+;\w+;IPv4;Mandos;/);
  }
  await watcher.waitForLine(/^-;\w+;IPv4;Mandos;/);
});

test('a name that is taken on this machine gets a number', needed, async () => {
  await using bus = await RestartableBus.start();
  await using avahi = await AvahiHost.start(bus.address);
  const [first, second] = [new Heard(), new Heard()];
  await using _one = await announcer(bus.address).announce(SERVICE, first);
  await first.count(1);
  await using two = await announcer(bus.address).announce({ ...SERVICE, port: 4712 }, second);
  assert.deepEqual(await second.count(2), ['renamed Mandos #2', 'announced on all interfaces']);
  assert.equal(two.name, 'Mandos #2');
  const names = new Set((await avahi.browse()).map(({ name, port }) => `${name} ${port}`));
  assert.deepEqual([...names].sort(), ['Mandos #2 4712', 'Mandos 4711']);
});

test('only the interface and the kind of IP that is wanted', needed, async () => {
  await using bus = await RestartableBus.start();
  await using avahi = await AvahiHost.start(bus.address);
  const heard = new Heard();
  const service = { ...SERVICE, interface: 'mandos0', families: ['ipv4'] } as const;
  await using _announcement = await announcer(bus.address).announce(service, heard);
  assert.deepEqual(await heard.count(1), ['announced on mandos0']);
  assert.deepEqual(await avahi.browse(), [{ name: 'Mandos', port: 4711, ip: 'IPv4' }]);
});

test('it is announced again when Avahi restarts, and when the bus does', needed, async () => {
  await using bus = await RestartableBus.start();
  await using avahi = await AvahiHost.start(bus.address);
  const heard = new Heard();
  await using _announcement = await announcer(bus.address).announce(SERVICE, heard);
  await heard.count(1);
  await avahi.stop();
  await avahi.startAgain();
  await heard.count(2);
  assert.equal((await avahi.browse()).length > 0, true);
  await avahi.stop();
  await bus.stop();
  await bus.startAgain();
  await avahi.startAgain();
  await heard.count(3);
  assert.equal((await avahi.browse()).length > 0, true);
});

test('without Avahi, or without a bus, it says so', requires('private bus'), async () => {
  await using bus = await RestartableBus.start();
  const refused = (error: unknown): boolean => {
    assert.ok(error instanceof MandosError);
    assert.equal(error.code, 'network');
    return true;
  };
  await assert.rejects(announcer(bus.address).announce(SERVICE, new Heard()), refused);
  await bus.stop();
  await assert.rejects(announcer(bus.address).announce(SERVICE, new Heard()), refused);
});

test('a name that DNS cannot hold is refused', async () => {
  for (const name of ['', 'é'.repeat(32)]) {
    await assert.rejects(
      announcer('unix:path=/nonexistent').announce({ ...SERVICE, name }, new Heard()),
      { code: 'config-value' },
    );
  }
});
