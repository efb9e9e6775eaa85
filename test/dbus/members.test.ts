/** Every method and property, with right and wrong arguments. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import test from 'node:test';
import { MandosError } from '../../src/core/error.ts';
import type { KeyId } from '../../src/core/key-id.ts';
import { milliseconds, seconds, wallTime } from '../../src/core/time.ts';
import { DBusError } from '../../src/dbus/dbus-error.ts';
import { CLIENT } from '../../src/server/bus/interfaces.ts';
import { inRepository } from '../support/repository.ts';
import { requires } from '../support/requirements.ts';
import { FakeModel, makeClient, START } from './fake-model.ts';
import { CLIENT_INTERFACE, PROPERTIES_INTERFACE, ServiceOnABus } from './service-on-a-bus.ts';
import { plain } from './signal-collector.ts';

const FOO = '/clients/foo';
const PYTHON = 'org.freedesktop.DBus.Python';
const ERROR = 'org.freedesktop.DBus.Error';

function fails(call: Promise<unknown>, errorName: string): Promise<void> {
  return assert.rejects(call, (error) => {
    assert.ok(error instanceof DBusError, String(error));
    assert.equal(error.errorName, errorName, error.message);
    return true;
  });
}

const model = () => new FakeModel([makeClient('foo'), makeClient('bar')]);

test('GetManagedObjects answers as the reference does', requires('private bus'), async () => {
  const at = (text: string) => wallTime(Date.parse(`${text.slice(0, 23)}Z`));
  const json = JSON.parse(
    readFileSync(inRepository('test/dbus/fixtures/managed-objects.json'), 'utf8'),
  );
  const [reference] = json.data;
  const clients = Object.entries<Record<string, Record<string, { data: never }>>>(reference).map(
    ([, interfaces]) => {
      const shown = interfaces[CLIENT_INTERFACE] ?? {};
      const value = (name: string) => String(shown[name]?.data);
      const time = (name: string) => (value(name) === '' ? null : at(value(name)));
      const duration = (name: string) => milliseconds(Number(shown[name]?.data));
      const foo = makeClient('foo');
      assert.equal(foo.life.kind, 'enabled');
      return makeClient(value('Name'), {
        settings: {
          keyId: value('KeyID') === '' ? null : (value('KeyID') as KeyId),
          fingerprint: value('Fingerprint'),
          host: value('Host'),
          checker: value('Checker'),
          approvalDelay: duration('ApprovalDelay'),
          approvedByDefault: shown.ApprovedByDefault?.data === true,
        },
        life: { ...foo.life, expires: { boot: START as never, wall: at(value('Expires')) } },
        created: at(value('Created')),
        lastEnabled: time('LastEnabled'),
        lastCheckedOk: time('LastCheckedOK'),
        lastCheckerStatus: Number(shown.LastCheckerStatus?.data),
      });
    },
  );
  await using service = await ServiceOnABus.start(new FakeModel(clients));
  const [objects] = await service.call('/', 'org.freedesktop.DBus.ObjectManager.GetManagedObjects');
  // Microseconds are beyond our clock: three digits and three zeros.
  const expected = JSON.stringify(reference).replaceAll(/(T[\d:]{8}\.\d{3})\d{3}/g, '$1000');
  assert.deepEqual(fromPairs(plain(objects)), JSON.parse(expected));
});

/** Dicts arrive as pairs; in this reply every array of pairs is one. */
function fromPairs(value: unknown): unknown {
  if (!Array.isArray(value)) return value;
  return Object.fromEntries(value.map(([key, inner]) => [key, fromPairs(inner)]));
}

test('GetAllClients and its sister list every client', requires('private bus'), async () => {
  await using service = await ServiceOnABus.start(model());
  for (const name of ['se.recompile.Mandos', 'se.bsnet.fukt.Mandos']) {
    const [paths] = await service.call('/', `${name}.GetAllClients`);
    assert.deepEqual(paths, [FOO, '/clients/bar']);
    const [dicts] = await service.call('/', `${name}.GetAllClientsWithProperties`);
    const shown = fromPairs(plain(dicts)) as Record<string, Record<string, unknown>>;
    assert.deepEqual(shown[FOO]?.Name, { type: 's', data: 'foo' });
    assert.equal(Object.keys(shown[FOO] ?? {}).length, 21);
  }
});

test(
  'every method of a client does what it says, under both names',
  requires('private bus'),
  async () => {
    const acts: [method: string, signature: string, body: unknown[], act: object][] = [
      ['Approve', 'b', [true], { kind: 'approve', approved: true }],
      ['Approve', 'b', [false], { kind: 'approve', approved: false }],
      ['CheckedOK', '', [], { kind: 'checked-ok' }],
      ['Disable', '', [], { kind: 'disable' }],
      ['Enable', '', [], { kind: 'enable' }],
      ['StartChecker', '', [], { kind: 'start-checker' }],
      ['StopChecker', '', [], { kind: 'stop-checker' }],
    ];
    await using service = await ServiceOnABus.start(model());
    for (const name of [CLIENT_INTERFACE, 'se.bsnet.fukt.Mandos.Client']) {
      for (const [method, signature, body, act] of acts) {
        assert.deepEqual(await service.call(FOO, `${name}.${method}`, signature, body), []);
        assert.deepEqual(service.model.acts.at(-1), { name: 'foo', act });
      }
    }
  },
);

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
    await fails(service.set(FOO, 'Interval', 't', 0n), `${PYTHON}.ValueError`);
    assert.deepEqual(service.model.acts, []);
  },
);

test(
  'calls that make no sense get the errors of the original',
  requires('private bus'),
  async () => {
    await using service = await ServiceOnABus.start(model());
    const calls: [path: string, name: string, signature: string, body: unknown[], error: string][] =
      [
        ['/', 'se.recompile.Mandos.NoSuch', '', [], `${ERROR}.UnknownMethod`],
        ['/', 'no.such.GetAllClients', '', [], `${ERROR}.UnknownMethod`],
        ['/', 'se.recompile.Mandos.GetAllClients', 's', ['x'], `${PYTHON}.TypeError`],
        [
          '/',
          `${PROPERTIES_INTERFACE}.GetAll`,
          's',
          ['se.recompile.Mandos'],
          `${ERROR}.UnknownMethod`,
        ],
        ['/', 'se.recompile.Mandos.RemoveClient', 'o', ['/clients/nobody'], `${PYTHON}.KeyError`],
        ['/', 'se.recompile.Mandos.RemoveClient', 'o', ['/'], `${PYTHON}.KeyError`],
        ['/', 'se.recompile.Mandos.RemoveClient', '', [], `${PYTHON}.TypeError`],
        ['/', 'org.freedesktop.DBus.Peer.Nope', '', [], `${ERROR}.UnknownMethod`],
        ['/clients', 'a.b.NoSuch', '', [], `${ERROR}.UnknownMethod`],
        ['/clients/nobody', `${CLIENT_INTERFACE}.CheckedOK`, '', [], `${ERROR}.UnknownObject`],
        ['/nowhere', 'se.recompile.Mandos.GetAllClients', '', [], `${ERROR}.UnknownObject`],
        [FOO, `${CLIENT_INTERFACE}.Approve`, '', [], `${PYTHON}.TypeError`],
        [FOO, `${CLIENT_INTERFACE}.Approve`, 'u', [1], `${PYTHON}.TypeError`],
        [FOO, `${CLIENT_INTERFACE}.Approve`, 'bb', [true, true], `${PYTHON}.TypeError`],
        [FOO, `${CLIENT_INTERFACE}.CheckedOK`, 's', ['x'], `${PYTHON}.TypeError`],
        [FOO, `${CLIENT_INTERFACE}.GotSecret`, '', [], `${ERROR}.UnknownMethod`],
        [FOO, `${PROPERTIES_INTERFACE}.Get`, 's', [CLIENT_INTERFACE], `${PYTHON}.TypeError`],
        [FOO, `${PROPERTIES_INTERFACE}.Get`, 'uu', [1, 2], `${PYTHON}.TypeError`],
        [
          FOO,
          `${PROPERTIES_INTERFACE}.Set`,
          'sss',
          [CLIENT_INTERFACE, 'Host', 'x'],
          `${PYTHON}.TypeError`,
        ],
      ];
    for (const [path, name, signature, body, error] of calls) {
      await fails(service.call(path, name, signature, body), error);
    }
    await fails(service.get(FOO, 'Nope'), `${PYTHON}.DBusPropertyNotFound`);
    await fails(service.get(FOO, 'Name', 'no.such'), `${PYTHON}.DBusPropertyNotFound`);
    await fails(service.get(FOO, '__proto__'), `${PYTHON}.DBusPropertyNotFound`);
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

test('every path answers whether anybody is there', requires('private bus'), async () => {
  await using service = await ServiceOnABus.start(model());
  assert.deepEqual(await service.call('/nowhere', 'org.freedesktop.DBus.Peer.Ping'), []);
  const [id] = await service
    .call('/', 'org.freedesktop.DBus.Peer.GetMachineId')
    .catch(() => ['none']);
  assert.match(String(id), /^([0-9a-f]{32}|none)$/);
});

test(
  'an act that cannot be made durable is an error, and says why',
  requires('private bus'),
  async () => {
    await using service = await ServiceOnABus.start(model());
    service.model.refuseWith = new MandosError(
      'file-unwritable',
      'cannot write the store: disk full',
    );
    await assert.rejects(service.call(FOO, `${CLIENT_INTERFACE}.Enable`), /disk full/);
    service.model.refuseWith = new TypeError('a fault that quotes hunter2');
    await assert.rejects(service.call(FOO, `${CLIENT_INTERFACE}.Enable`), {
      errorName: `${ERROR}.Failed`,
      message: 'internal error',
    });
    assert.equal(JSON.stringify(service.log.lines).includes('hunter2'), false);
  },
);

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
