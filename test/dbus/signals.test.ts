/** What the service tells, in the order in which Debian's server tells it. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import test from 'node:test';
import { instant, milliseconds, minutes, wallTime } from '../../src/core/time.ts';
import { inRepository } from '../support/repository.ts';
import { requires } from '../support/requirements.ts';
import { FakeModel, makeClient } from './fake-model.ts';
import { ServiceOnABus } from './service-on-a-bus.ts';
import { parseMonitor, SignalCollector } from './signal-collector.ts';

const NEW = 'se.recompile.Mandos.Client';
const OLD = 'se.bsnet.fukt.Mandos.Client';
const FOO = '/clients/foo';

/** The three signals that tell of one changed property. */
function changed(path: string, property: string, value: string): string[] {
  const dict = `array [ dict entry( string "${property}" variant ${value} ) ] array [ ]`;
  return [
    `${path} ${NEW} PropertyChanged string "${property}" variant ${value}`,
    `${path} ${OLD} PropertyChanged string "${property}" variant ${value}`,
    `${path} org.freedesktop.DBus.Properties PropertiesChanged string "${NEW}" ${dict}`,
  ];
}

function both(path: string, member: string): string[] {
  return [`${path} ${NEW} ${member}`, `${path} ${OLD} ${member}`];
}

/** What happens after the start, when all clients have been told of. */
async function told(model: FakeModel, act: (service: ServiceOnABus) => unknown): Promise<string[]> {
  await using service = await ServiceOnABus.start(model);
  await using collector = await SignalCollector.start(service.bus.address);
  await act(service);
  return await collector.signals();
}

function withoutTimes(signals: readonly string[]): string[] {
  return signals.map((line) => line.replaceAll(/"\d{4}-\d\d-\d\dT[\d:.]{15}"/g, '"TIME"'));
}

test(
  'what the operator does is told as the reference trace has it',
  requires('private bus'),
  async () => {
    const model = new FakeModel([makeClient('foo'), makeClient('bar')]);
    const signals = await told(model, async (service) => {
      await service.call(FOO, `${NEW}.Disable`);
      model.now = { boot: instant(200_000), wall: wallTime(model.now.wall + 200_000) };
      await service.call(FOO, `${NEW}.Enable`);
      await service.set(FOO, 'Host', 's', '127.0.0.1');
      await service.set(FOO, 'Secret', 'ay', Buffer.from('x'));
      await service.call('/', 'se.recompile.Mandos.RemoveClient', 'o', ['/clients/bar']);
    });
    const trace = parseMonitor(
      readFileSync(inRepository('test/dbus/fixtures/signal-trace.txt'), 'utf8'),
    );
    // The trace has other acts in between; each of these blocks is in it as a whole.
    const reference = withoutTimes(trace).join('\n');
    const [disable, enable, host, rest] = [0, 6, 15, 18].map((from, index, starts) =>
      withoutTimes(signals).slice(from, starts[index + 1]),
    );
    for (const block of [disable, enable, host, rest?.slice(0, 1), rest?.slice(1)]) {
      assert.ok(block !== undefined && block.length > 0, signals.join('\n'));
      assert.ok(reference.includes(block.join('\n')), block.join('\n'));
    }
  },
);

test('a check is told step by step', requires('private bus'), async () => {
  const model = new FakeModel([makeClient('foo')]);
  const signals = await told(model, () => model.check('foo', 'exit 3', 768));
  assert.deepEqual(signals, [
    ...changed(FOO, 'CheckerRunning', 'boolean true'),
    ...both(FOO, 'CheckerStarted string "exit 3"'),
    ...changed(FOO, 'CheckerRunning', 'boolean false'),
    ...changed(FOO, 'LastCheckerStatus', 'int16 3'),
    ...both(FOO, 'CheckerCompleted int16 3 int64 768 string "exit 3"'),
  ]);
});

test(
  'approval, rejection and the sending of a secret are told',
  requires('private bus'),
  async () => {
    const settings = { approvalDelay: minutes(1), approvedByDefault: false };
    const model = new FakeModel([makeClient('foo', { settings })]);
    const signals = await told(model, async (service) => {
      model.askForSecret('foo', 1);
      await service.call(FOO, `${NEW}.Approve`, 'b', [false]);
      model.happen('foo', { kind: 'secret-sent' });
    });
    const members = signals.map((line) => line.split(' ').slice(1, 3).join(' '));
    for (const member of ['NeedApproval', 'Rejected', 'GotSecret']) {
      const at = members.indexOf(`${NEW} ${member}`);
      assert.ok(at >= 0, `${member} in ${signals.join('\n')}`);
      assert.equal(members[at + 1], `${OLD} ${member}`);
    }
    assert.ok(signals.includes(`${FOO} ${NEW} NeedApproval uint64 60000 boolean false`));
  },
);

test(
  'a peer whom nobody knows is told without the scope of its address',
  requires('private bus'),
  async () => {
    const model = new FakeModel();
    const signals = await told(model, () => model.notFound('0A1B', 'fe80::1%eth0'));
    assert.deepEqual(signals, [
      '/ se.recompile.Mandos ClientNotFound string "0A1B" string "fe80::1"',
      '/ se.bsnet.fukt.Mandos ClientNotFound string "0A1B" string "fe80::1"',
    ]);
  },
);

test('a new client is told with all its properties', requires('private bus'), async () => {
  const model = new FakeModel();
  const signals = await told(model, () => model.add(makeClient('foo')));
  const [first = '', ...rest] = signals;
  assert.match(
    first,
    /^\/ org\.freedesktop\.DBus\.ObjectManager InterfacesAdded object path "\/clients\/foo"/,
  );
  assert.match(first, /string "Timeout" variant uint64 600000/);
  assert.doesNotMatch(first, /"Secret"/);
  assert.deepEqual(rest, [
    '/ se.recompile.Mandos ClientAdded object path "/clients/foo"',
    '/ se.bsnet.fukt.Mandos ClientAdded object path "/clients/foo"',
  ]);
});

test('the end of the server tells that its clients are gone', requires('private bus'), async () => {
  await using service = await ServiceOnABus.start(new FakeModel([makeClient('foo')]));
  await using collector = await SignalCollector.start(service.bus.address);
  await service.service[Symbol.asyncDispose]();
  const signals = await collector.signals();
  assert.match(signals[0] ?? '', /InterfacesRemoved object path "\/clients\/foo"/);
  assert.deepEqual(signals.slice(1), [
    '/ se.recompile.Mandos ClientRemoved object path "/clients/foo" string "foo"',
    '/ se.bsnet.fukt.Mandos ClientRemoved object path "/clients/foo" string "foo"',
  ]);
});

test(
  'what cannot be a text on the bus does not end the connection',
  requires('private bus'),
  async () => {
    const model = new FakeModel([makeClient('foo')]);
    const command = 'a\0b\uD800';
    const signals = await told(model, async (service) => {
      model.check('foo', command, 0);
      await service.set(FOO, 'ApprovalDelay', 't', BigInt(milliseconds(5)));
    });
    assert.ok(signals.includes(`${FOO} ${NEW} CheckerStarted string "a\u{FFFD}b\u{FFFD}"`));
    assert.deepEqual(signals.slice(-3), changed(FOO, 'ApprovalDelay', 'uint64 5'));
  },
);
