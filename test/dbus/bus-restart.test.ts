/** The bus may restart: the service takes its names and is there again. */
import assert from 'node:assert/strict';
import test from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { MandosError } from '../../src/core/error.ts';
import { seconds } from '../../src/core/time.ts';
import { BusConnection } from '../../src/dbus/connection.ts';
import { ClientPaths } from '../../src/server/bus/client-paths.ts';
import { MandosBus } from '../../src/server/bus/mandos-bus.ts';
import { bootClock } from '../../src/system/boot-clock.ts';
import { RecordingLog } from '../support/recording-log.ts';
import { requires } from '../support/requirements.ts';
import { SimulatedClock, settle } from '../support/simulated-clock.ts';
import { FakeModel, makeClient } from './fake-model.ts';
import { MuteBus } from './mute-bus.ts';
import { RestartableBus } from './restartable-bus.ts';
import { SERVICE } from './service-on-a-bus.ts';

const log = new RecordingLog();

function serviceAt(address: string, model: FakeModel, clock: SimulatedClock): MandosBus {
  return new MandosBus({ address, model, paths: new ClientPaths(), clock, log });
}

async function clientsOf(address: string): Promise<unknown> {
  await using caller = await BusConnection.open(address, { clock: bootClock, log });
  const [paths] = await caller.call({
    destination: SERVICE,
    path: '/',
    interface: SERVICE,
    member: 'GetAllClients',
  });
  return paths;
}

/** Lets simulated time pass until it comes true; a real deadline ends a test that hangs. */
async function untilTrue(clock: SimulatedClock, what: () => Promise<boolean>): Promise<void> {
  const deadline = bootClock.now() + 10_000;
  while (!(await what())) {
    assert.ok(bootClock.now() < deadline, 'it never came true');
    await clock.advance(seconds(1));
    // Another process has to get its turn on the processor.
    await setTimeout(5);
  }
}

const model = () => new FakeModel([makeClient('foo')]);

test('the service is back when the bus is back', requires('private bus'), async () => {
  await using bus = await RestartableBus.start();
  const clock = new SimulatedClock();
  const { address } = bus;
  const clients = model();
  await using service = serviceAt(address, clients, clock);
  await service.ready;
  for (let round = 0; round < 3; round++) {
    await bus.stop();
    // Nobody to tell it; nothing waits and nothing breaks.
    clients.check('foo', 'true', 0);
    await bus.startAgain();
    await untilTrue(clock, async () =>
      clientsOf(address).then(
        () => true,
        () => false,
      ),
    );
    assert.deepEqual(await clientsOf(address), ['/clients/foo']);
  }
});

test('a bus that comes up later is joined later', requires('private bus'), async () => {
  await using bus = await RestartableBus.start();
  await bus.stop();
  const clock = new SimulatedClock();
  const { address } = bus;
  await using service = serviceAt(address, model(), clock);
  await assert.rejects(service.ready, (error) => {
    assert.ok(error instanceof MandosError);
    assert.match(
      error.message,
      /cannot connect to the message bus at unix:path=.*: E(NOENT|CONNREFUSED)$/,
    );
    return true;
  });
  await bus.startAgain();
  await untilTrue(clock, async () =>
    clientsOf(address).then(
      () => true,
      () => false,
    ),
  );
});

test('two servers do not share a name: the second one waits', requires('private bus'), async () => {
  await using bus = await RestartableBus.start();
  const clock = new SimulatedClock();
  const { address } = bus;
  const first = serviceAt(address, model(), clock);
  await first.ready;
  await using second = serviceAt(address, new FakeModel(), clock);
  await assert.rejects(second.ready, /another program has the name se\.recompile\.Mandos/);
  assert.deepEqual(await clientsOf(address), ['/clients/foo']);
  await first[Symbol.asyncDispose]();
  await untilTrue(clock, async () =>
    clientsOf(address).then(
      (paths) => `${paths}` === '',
      () => false,
    ),
  );
});

test('pauses between attempts grow to five seconds', async () => {
  const clock = new SimulatedClock();
  const before = log.at('warning').length;
  const service = serviceAt('unix:path=/nonexistent/bus', model(), clock);
  await assert.rejects(service.ready);
  const waits: number[] = [];
  for (let attempt = 0; attempt < 10; attempt++) {
    // The connection attempt itself has its deadline among the alarms until it has failed.
    while (clock.pending !== 1) await settle();
    const next = clock.next ?? clock.now();
    waits.push(next - clock.now());
    await clock.advance((next - clock.now()) as never);
  }
  await service[Symbol.asyncDispose]();
  assert.equal(log.at('warning').length - before, 1, 'the same again is told once');
  assert.deepEqual(waits, [250, 500, 1000, 2000, 4000, 5000, 5000, 5000, 5000, 5000]);
  assert.equal(clock.pending, 0);
});

test('a bus that does not answer is not waited for at the end', { timeout: 20_000 }, async () => {
  await using bus = await MuteBus.start();
  const clock = new SimulatedClock();
  const service = serviceAt(bus.address, model(), clock);
  await bus.greeted;
  await service[Symbol.asyncDispose]();
  assert.equal(clock.pending, 0);
});

test('an address that is none is refused', async () => {
  const context = { clock: bootClock, log };
  for (const address of ['', 'tcp:host=localhost,port=1', 'unixexec:path=/bin/sh', 'unix:']) {
    await assert.rejects(BusConnection.open(address, context), /no usable address/);
  }
});
