/** Every property, with right and wrong values. */
import assert from 'node:assert/strict';
import test from 'node:test';
import { seconds, wallTime } from '../../src/core/time.ts';
import { CLIENT } from '../../src/dbus/mandos-interfaces.ts';
import { requires } from '../support/requirements.ts';
import { fails, PYTHON } from './call-errors.ts';
import { FakeModel, makeClient, START } from './fake-model.ts';
import { CLIENT_INTERFACE, PROPERTIES_INTERFACE, ServiceOnABus } from './service-on-a-bus.ts';
import { plain } from './signal-collector.ts';

const FOO = '/clients/foo';
const model = () => new FakeModel([makeClient('foo'), makeClient('bar')]);

test('every property that can be set is set', requires('private bus'), async () => {
  const sets: [property: string, signature: string, value: unknown, act: object][] = [
    ['ApprovedByDefault', 'b', false, { kind: 'set', property: 'ApprovedByDefault', value: false }],
    ['Checker', 's', 'exit 3', { kind: 'set', property: 'Checker', value: 'exit 3' }],
    ['Host', 's', '::1', { kind: 'set', property: 'Host', value: '::1' }],
    ['CheckerRunning', 'b', true, { kind: 'start-checker' }],
    ['CheckerRunning', 'b', false, { kind: 'stop-checker' }],
    ['LastCheckedOK', 's', '', { kind: 'checked-ok' }],
    ['Enabled', 'b', false, { kind: 'disable' }],
    ['Enabled', 'b', true, { kind: 'enable' }],
  ];
  for (const property of [
    'ApprovalDelay',
    'ApprovalDuration',
    'ExtendedTimeout',
    'Interval',
    'Timeout',
  ]) {
    sets.push([property, 't', 250_000n, { kind: 'set', property, value: 250_000 }]);
    // mandos-ctl sends the smallest type.
    sets.push([property, 'i', 260_000, { kind: 'set', property, value: 260_000 }]);
    sets.push([property, 'x', 270_000n, { kind: 'set', property, value: 270_000 }]);
  }
  await using service = await ServiceOnABus.start(model());
  for (const [property, signature, value, act] of sets) {
    await service.set(FOO, property, signature, value);
    assert.deepEqual(service.model.acts.at(-1), { name: 'foo', act });
  }
  assert.equal(await service.get(FOO, 'Host'), '::1');
  assert.equal(await service.get(FOO, 'Timeout'), 270_000n);
});

test('a secret is taken as bytes and never given', requires('private bus'), async () => {
  await using service = await ServiceOnABus.start(model());
  const secret = Buffer.from('\0\xff blob', 'latin1');
  await service.set(FOO, 'Secret', 'ay', secret);
  assert.deepEqual(service.model.secrets.get('foo'), new Uint8Array(secret));
  await fails(service.get(FOO, 'Secret'), `${PYTHON}.DBusPropertyAccessException`);
  const [all] = await service.call(FOO, `${PROPERTIES_INTERFACE}.GetAll`, 's', [CLIENT_INTERFACE]);
  assert.equal(JSON.stringify(plain(all)).includes('Secret'), false);
});

test(
  'an empty secret is refused, and the client keeps its own',
  requires('private bus'),
  async () => {
    await using service = await ServiceOnABus.start(model());
    await fails(service.set(FOO, 'Secret', 'ay', Buffer.alloc(0)), `${PYTHON}.ValueError`);
    assert.equal(service.model.secrets.size, 0);
  },
);

test('a property that can only be read cannot be set', requires('private bus'), async () => {
  await using service = await ServiceOnABus.start(model());
  const readOnly = CLIENT.properties.filter(({ access }) => access === 'read');
  assert.equal(readOnly.length, 10);
  for (const { name } of readOnly) {
    await fails(service.set(FOO, name, 's', 'x'), `${PYTHON}.DBusPropertyAccessException`);
  }
  assert.deepEqual(service.model.acts, []);
});

test(
  'values of another type are refused, and change nothing',
  requires('private bus'),
  async () => {
    await using service = await ServiceOnABus.start(model());
    const writable = CLIENT.properties.filter(({ access }) => access !== 'read');
    const values: [string, unknown][] = [
      ['s', 'x'],
      ['b', true],
      ['d', 5.5],
      ['ai', [1, 2]],
      ['ay', Buffer.from('x')],
      ['(s)', ['x']],
      ['a{sv}', []],
      ['g', 's'],
      ['o', '/'],
    ];
    for (const { name, type } of writable) {
      for (const [signature, value] of values.filter(([other]) => other !== type)) {
        await fails(service.set(FOO, name, signature, value), `${PYTHON}.TypeError`);
      }
      if (type !== 't') await fails(service.set(FOO, name, 'u', 1), `${PYTHON}.TypeError`);
      else await fails(service.set(FOO, name, 'x', -5n), `${PYTHON}.OverflowError`);
    }
    await fails(service.set(FOO, 'Timeout', 't', 2n ** 63n), `${PYTHON}.OverflowError`);
    await fails(service.set(FOO, 'Interval', 't', 2n ** 51n + 1n), `${PYTHON}.OverflowError`);
    await fails(service.set(FOO, 'Interval', 't', 0n), `${PYTHON}.ValueError`);
    assert.deepEqual(service.model.acts, []);
  },
);

test('GetAll knows all interfaces, one, or none', requires('private bus'), async () => {
  await using service = await ServiceOnABus.start(model());
  const names = async (name: string) => {
    const [all] = await service.call(FOO, `${PROPERTIES_INTERFACE}.GetAll`, 's', [name]);
    return (plain(all) as [string, unknown][]).map(([property]) => property);
  };
  assert.equal((await names(CLIENT_INTERFACE)).length, 21);
  assert.deepEqual(await names(''), await names(CLIENT_INTERFACE));
  assert.deepEqual(await names('no.such'), []);
});

test('times stay readable however far away they are', requires('private bus'), async () => {
  const foo = makeClient('foo');
  assert.equal(foo.life.kind, 'enabled');
  const expires = { boot: START as never, wall: wallTime(Number.MAX_SAFE_INTEGER) };
  const changes = {
    life: { ...foo.life, expires },
    lastEnabled: wallTime(-5),
    settings: { timeout: seconds(1) },
  };
  await using service = await ServiceOnABus.start(new FakeModel([makeClient('foo', changes)]));
  assert.equal(await service.get(FOO, 'Expires'), '9999-12-31T23:59:59.999000');
  assert.equal(await service.get(FOO, 'LastEnabled'), '1970-01-01T00:00:00.000000');
});
