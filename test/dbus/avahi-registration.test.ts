/** What Avahi may say in between: collisions on the network, a new host name, failures, forgeries. */
import assert from 'node:assert/strict';
import test from 'node:test';
import { seconds } from '../../src/core/time.ts';
import { AvahiAnnouncer } from '../../src/dbus/avahi-announcer.ts';
import { BusConnection } from '../../src/dbus/connection.ts';
import { bootClock } from '../../src/system/boot-clock.ts';
import { RecordingLog } from '../support/recording-log.ts';
import { requires } from '../support/requirements.ts';
import { SimulatedClock } from '../support/simulated-clock.ts';
import { COLLISION, ESTABLISHED, FAILURE, FakeAvahi, RUNNING } from './fake-avahi.ts';
import { RestartableBus } from './restartable-bus.ts';

const needed = requires('private bus');
const log = new RecordingLog();
const SERVICE = { name: 'Mandos', port: 1, interface: null, families: ['ipv6'] } as const;
const ADDED = ['GetState', 'EntryGroupNew', 'AddService Mandos', 'Commit'];

class World implements AsyncDisposable {
  readonly bus: RestartableBus;
  readonly avahi: FakeAvahi;
  readonly clock = new SimulatedClock();
  readonly told: string[] = [];
  readonly #cleanup: AsyncDisposableStack;

  private constructor(bus: RestartableBus, avahi: FakeAvahi, cleanup: AsyncDisposableStack) {
    this.bus = bus;
    this.avahi = avahi;
    this.#cleanup = cleanup;
  }

  static async start(prepare: (avahi: FakeAvahi) => void = () => undefined): Promise<World> {
    await using cleanup = new AsyncDisposableStack();
    const bus = cleanup.use(await RestartableBus.start());
    const avahi = cleanup.use(await FakeAvahi.start(bus.address));
    prepare(avahi);
    const world = new World(bus, avahi, cleanup.move());
    const announcer = new AvahiAnnouncer({ address: bus.address, clock: world.clock, log });
    world.#cleanup.use(
      await announcer.announce(SERVICE, {
        renamed: (name) => world.told.push(`renamed ${name}`),
        announced: () => world.told.push('announced'),
      }),
    );
    return world;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#cleanup[Symbol.asyncDispose]();
  }
}

test('StateChanged and GetState both come: one registration', needed, async () => {
  await using world = await World.start((avahi) => avahi.tellServer(RUNNING));
  await world.avahi.until('Commit');
  world.avahi.tellServer(RUNNING);
  // The answer to what a collision brings shows that everything before it was handled.
  world.avahi.tellGroup(COLLISION);
  await world.avahi.until('Commit', 2);
  const added = world.avahi.calls.filter((call) => call !== 'GetState');
  const again = ['GetAlternativeServiceName', 'Reset', "AddService Mandos'", 'Commit'];
  assert.deepEqual(added, [...ADDED.slice(1), ...again]);
});

test('a name that is taken on the network is given up', needed, async () => {
  await using world = await World.start();
  await world.avahi.until('Commit');
  world.avahi.tellGroup(COLLISION);
  await world.avahi.until('Commit', 2);
  world.avahi.tellGroup(ESTABLISHED);
  world.avahi.tellGroup(COLLISION);
  await world.avahi.until('Commit', 3);
  assert.deepEqual(world.told, ["renamed Mandos'", 'announced', "renamed Mandos''"]);
  assert.equal(world.avahi.calls.at(-2), "AddService Mandos''");
});

test("the service goes while Avahi's own name changes, and comes back", needed, async () => {
  await using world = await World.start();
  await world.avahi.until('Commit');
  world.avahi.tellServer(COLLISION);
  await world.avahi.until('Free');
  world.avahi.tellServer(RUNNING);
  await world.avahi.until('Commit', 2);
  assert.deepEqual(world.avahi.calls, [...ADDED, 'Free', ...ADDED.slice(1)]);
});

test('what fails is tried again after a while', needed, async () => {
  await using world = await World.start((avahi) => {
    avahi.refuse = 'org.freedesktop.Avahi.InvalidServiceNameError';
  });
  await world.avahi.until('Free');
  assert.equal(world.avahi.calls.includes('Commit'), false);
  await world.clock.advance(seconds(10));
  await world.avahi.until('Commit');
  world.avahi.tellGroup(FAILURE);
  await world.avahi.until('Free', 2);
  await world.clock.advance(seconds(10));
  await world.avahi.until('Commit', 2);
});

test('nobody else can speak for Avahi', needed, async () => {
  await using world = await World.start();
  await world.avahi.until('Commit');
  await using forger = await BusConnection.open(world.bus.address, { clock: bootClock, log });
  const forged = { interface: 'org.freedesktop.Avahi.EntryGroup', member: 'StateChanged' };
  forger.signal({ ...forged, path: world.avahi.group, signature: 'is', body: [COLLISION, ''] });
  // By the time the bus answers, it has passed the forgery on.
  assert.equal(await forger.requestName('org.example.Forger'), true);
  world.avahi.tellGroup(COLLISION);
  await world.avahi.until('Commit', 2);
  assert.deepEqual(world.told, ["renamed Mandos'"]);
});

test('a group that is no longer ours is not listened to', needed, async () => {
  await using world = await World.start();
  await world.avahi.until('Commit');
  const old = world.avahi.group;
  world.avahi.tellServer(COLLISION);
  await world.avahi.until('Free');
  world.avahi.tellServer(RUNNING);
  await world.avahi.until('Commit', 2);
  world.avahi.tellGroup(COLLISION, old);
  world.avahi.tellGroup(COLLISION);
  await world.avahi.until('Commit', 3);
  assert.deepEqual(world.told, ["renamed Mandos'"]);
});
