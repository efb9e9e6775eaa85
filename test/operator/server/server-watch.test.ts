/** The operator's view of our server on a real bus: through changes, restarts and losses. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { milliseconds } from '../../../src/core/time.ts';
import { ServerWatch } from '../../../src/operator/server/server-watch.ts';
import { ClientPaths } from '../../../src/server/bus/client-paths.ts';
import { MandosBus } from '../../../src/server/bus/mandos-bus.ts';
import { bootClock } from '../../../src/system/boot-clock.ts';
import { FakeModel, makeClient } from '../../dbus/fake-model.ts';
import { RestartableBus } from '../../dbus/restartable-bus.ts';
import { ServiceOnABus } from '../../dbus/service-on-a-bus.ts';
import { RecordingLog } from '../../support/recording-log.ts';
import { requires } from '../../support/requirements.ts';
import { EventCollector } from './event-collector.ts';

const needed = requires('private bus');
const surroundings = () => ({ clock: bootClock, log: new RecordingLog() });

function watch(address: string, events: EventCollector): ServerWatch {
  return new ServerWatch({ address, tell: events.tell, ...surroundings() });
}

async function serve(address: string, model: FakeModel): Promise<MandosBus> {
  const service = new MandosBus({ address, model, paths: new ClientPaths(), ...surroundings() });
  await service.ready;
  return service;
}

describe('a watch on the server', needed, () => {
  it('tells all clients first, and then what happens to them', async () => {
    const model = new FakeModel([
      makeClient('foo'),
      makeClient('bar', { settings: { approvalDelay: milliseconds(5000) } }),
    ]);
    await using server = await ServiceOnABus.start(model);
    const events = new EventCollector();
    await using _watch = watch(server.bus.address, events);
    const { clients } = await events.until('server-found');
    assert.deepEqual(
      clients.map(({ path, Name, Timeout, Enabled, Expires }) => [
        path,
        Name,
        Timeout,
        Enabled,
        Expires,
      ]),
      [
        ['/clients/foo', 'foo', 600_000, true, '2026-11-23T04:18:12.238000'],
        ['/clients/bar', 'bar', 600_000, true, '2026-11-23T04:18:12.238000'],
      ],
    );

    model.check('foo', 'exit 3', 3 << 8);
    const started = await events.until('checker-started');
    assert.deepEqual(started, { kind: 'checker-started', path: '/clients/foo', command: 'exit 3' });
    assert.deepEqual(await events.until('checker-completed'), {
      kind: 'checker-completed',
      path: '/clients/foo',
      exitStatus: 3,
      waitStatus: 768,
      command: 'exit 3',
    });
    model.askForSecret('bar', 1);
    assert.deepEqual((await events.until('properties-changed')).changes, { ApprovalPending: true });
    assert.deepEqual(await events.until('need-approval'), {
      kind: 'need-approval',
      path: '/clients/bar',
      timeout: 5000,
      approvedByDefault: true,
    });
    model.happen('bar', { kind: 'disable' });
    assert.equal((await events.until('rejected')).reason, 'Disabled');
    model.happen('foo', { kind: 'secret-sent' });
    assert.equal((await events.until('got-secret')).path, '/clients/foo');
    model.happen('foo', { kind: 'set-secret' });
    assert.equal((await events.until('properties-changed')).secret, true);
    model.notFound('AB12', 'fe80::1%eth0');
    assert.deepEqual(await events.until('client-not-found'), {
      kind: 'client-not-found',
      keyId: 'AB12',
      address: 'fe80::1',
    });
    model.happen('foo', { kind: 'remove' });
    assert.equal((await events.until('client-removed')).path, '/clients/foo');
    model.add(makeClient('new'));
    assert.equal((await events.until('client-added')).client.Name, 'new');
  });

  it('lets the operator act', async () => {
    const model = new FakeModel([makeClient('foo')]);
    await using server = await ServiceOnABus.start(model);
    const events = new EventCollector();
    await using watching = watch(server.bus.address, events);
    await events.until('server-found');
    const { service } = watching;
    assert.ok(service !== null);
    await service.set('/clients/foo', 'Timeout', 5000);
    await service.set('/clients/foo', 'Enabled', false);
    await service.set('/clients/foo', 'Secret', Uint8Array.of(1, 0, 255));
    await service.approve('/clients/foo', true);
    await service.checkedOk('/clients/foo');
    await service.remove('/clients/foo');
    assert.deepEqual(
      model.acts.map(({ act }) => act.kind),
      ['set', 'disable', 'set-secret', 'approve', 'checked-ok', 'remove'],
    );
    assert.deepEqual(model.secrets.get('foo'), Uint8Array.of(1, 0, 255));
    await assert.rejects(service.checkedOk('/clients/foo'), { code: 'refused' });
  });

  it('survives the restart of the server', async () => {
    await using bus = await RestartableBus.start();
    const events = new EventCollector();
    await using watching = watch(bus.address, events);
    assert.equal((await events.until('server-lost')).why.code, 'unreachable');
    {
      await using _server = await serve(bus.address, new FakeModel([makeClient('foo')]));
      assert.equal((await events.until('server-found')).clients.length, 1);
    }
    assert.equal((await events.until('server-lost')).why.code, 'unreachable');
    assert.equal(watching.service, null);
    await using _server = await serve(
      bus.address,
      new FakeModel([makeClient('a'), makeClient('b')]),
    );
    assert.equal((await events.until('server-found')).clients.length, 2);
    assert.deepEqual(events.kinds, []);
  });

  it('survives the restart of the bus, and starts without one', async () => {
    await using bus = await RestartableBus.start();
    await bus.stop();
    const events = new EventCollector();
    await using _watch = watch(bus.address, events);
    assert.equal((await events.until('server-lost')).why.code, 'network');
    await bus.startAgain();
    await using _server = await serve(bus.address, new FakeModel([makeClient('foo')]));
    await events.until('server-found');
    await bus.stop();
    // The bus may have told of the server's end before its own.
    await events.until('server-lost');
    await bus.startAgain();
    assert.equal((await events.until('server-found')).clients.length, 1);
  });

  it('tells nothing after its end', async () => {
    await using server = await ServiceOnABus.start(new FakeModel([makeClient('foo')]));
    const events = new EventCollector();
    {
      await using _watch = watch(server.bus.address, events);
      await events.until('server-found');
    }
    assert.deepEqual(events.kinds, []);
  });
});
