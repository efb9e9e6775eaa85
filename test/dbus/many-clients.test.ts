/** Ten thousand clients in one answer, and more than one answer can hold. */
import assert from 'node:assert/strict';
import test from 'node:test';
import { BusConnection } from '../../src/dbus/connection.ts';
import { DBusError } from '../../src/dbus/dbus-error.ts';
import { bootClock } from '../../src/system/boot-clock.ts';
import { RecordingLog } from '../support/recording-log.ts';
import { requires } from '../support/requirements.ts';
import { FakeModel, makeClient } from './fake-model.ts';
import { ServiceOnABus } from './service-on-a-bus.ts';

const GET_MANAGED_OBJECTS = 'org.freedesktop.DBus.ObjectManager.GetManagedObjects';

function clients(count: number): FakeModel {
  return new FakeModel(
    Array.from({ length: count }, (_, number) => makeClient(`client-${number}`)),
  );
}

test('10,000 clients fit into one answer', requires('private bus'), async (context) => {
  await using service = await ServiceOnABus.start(clients(10_000));
  for (const method of [GET_MANAGED_OBJECTS, 'se.recompile.Mandos.GetAllClientsWithProperties']) {
    const start = performance.now();
    const [objects] = await service.call('/', method);
    context.diagnostic(`${method}: ${Math.round(performance.now() - start)} ms`);
    assert.ok(Array.isArray(objects));
    assert.equal(objects.length, 10_000);
    assert.equal(objects[9999][0], '/clients/client_9999');
  }
});

test(
  'an answer that the bus would not let through is an error',
  requires('private bus'),
  async () => {
    await using service = await ServiceOnABus.start(clients(20_000));
    await assert.rejects(service.call('/', GET_MANAGED_OBJECTS), (error) => {
      assert.ok(error instanceof DBusError);
      assert.equal(error.errorName, 'org.freedesktop.DBus.Error.LimitsExceeded');
      return true;
    });
    // The connection is still there, and so are smaller answers.
    const [paths] = await service.call('/', 'se.recompile.Mandos.GetAllClients');
    assert.ok(Array.isArray(paths));
    assert.equal(paths.length, 20_000);
  },
);

test('a caller who does not want an answer gets none', requires('private bus'), async () => {
  await using service = await ServiceOnABus.start(clients(1));
  const answers: unknown[] = [];
  await using quiet = await BusConnection.open(service.bus.address, {
    clock: bootClock,
    log: new RecordingLog(),
  });
  const call = {
    type: 1,
    flags: 1,
    destination: 'se.recompile.Mandos',
    path: '/clients/client_0',
    interface: 'se.recompile.Mandos.Client',
  };
  // The answer to one of these would be the first thing to settle this call's serial.
  quiet.reply({ ...call, member: 'CheckedOK' });
  quiet.reply({ ...call, member: 'NoSuch' });
  answers.push(
    await quiet.call({
      destination: 'se.recompile.Mandos',
      path: '/',
      interface: 'se.recompile.Mandos',
      member: 'GetAllClients',
    }),
  );
  assert.deepEqual(answers, [[['/clients/client_0']]]);
  assert.deepEqual(
    service.model.acts.map(({ act }) => act.kind),
    ['checked-ok'],
  );
});
