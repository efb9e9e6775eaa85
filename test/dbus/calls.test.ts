/** Every method of a client, and calls that make no sense. */
import assert from 'node:assert/strict';
import test from 'node:test';
import { MandosError } from '../../src/core/error.ts';
import { requires } from '../support/requirements.ts';
import { ERROR, fails, PYTHON } from './call-errors.ts';
import { FakeModel, makeClient } from './fake-model.ts';
import { CLIENT_INTERFACE, PROPERTIES_INTERFACE, ServiceOnABus } from './service-on-a-bus.ts';

const FOO = '/clients/foo';
const model = () => new FakeModel([makeClient('foo'), makeClient('bar')]);

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
