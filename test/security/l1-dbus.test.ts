/**
 * L1: D-Bus is open to root and the group `_mandos` by the bus policy only; every method and
 * property is tried as another user and refused; malformed variants get a D-Bus error.
 * (What is malformed is tried in test/dbus/members.test.ts and fuzzed.)
 */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import test from 'node:test';
import type { Interface } from '../../src/dbus/contract.ts';
import {
  INTROSPECTABLE,
  OBJECT_MANAGER,
  PEER,
  PROPERTIES,
} from '../../src/dbus/standard-interfaces.ts';
import {
  CLIENT,
  LEGACY_CLIENT,
  LEGACY_MANDOS,
  LEGACY_SERVICE_NAME,
  MANDOS,
  SERVICE_NAME,
} from '../../src/server/bus/interfaces.ts';
import { FakeModel, makeClient } from '../dbus/fake-model.ts';
import { ServiceOnABus } from '../dbus/service-on-a-bus.ts';
import { SignalCollector } from '../dbus/signal-collector.ts';
import { type Outcome, run } from '../support/process.ts';
import { inRepository } from '../support/repository.ts';
import { requires } from '../support/requirements.ts';

interface User {
  readonly uid: number;
  readonly gid: number;
}

function user(name: string): User {
  const line = new RegExp(`^${name}:[^:]*:(\\d+):(\\d+):`, 'm').exec(
    readFileSync('/etc/passwd', 'latin1'),
  );
  assert.ok(line, `this machine has a user ${name}`);
  return { uid: Number(line[1]), gid: Number(line[2]) };
}

// This machine need not have the user and the group `_mandos`: others take their place.
const SERVER = 'games';
const OPERATOR = 'nobody';
const STRANGER = 'daemon';

/** As Debian's system bus: nobody may call or own anything unless a service's own file says so. */
const SYSTEM_POLICY = `<policy context="default">
  <allow user="*"/>
  <deny own="*"/>
  <deny send_type="method_call"/>
  <allow send_type="signal"/>
  <allow send_requested_reply="true" send_type="method_return"/>
  <allow send_requested_reply="true" send_type="error"/>
  <allow receive_type="method_call"/>
  <allow receive_type="method_return"/>
  <allow receive_type="error"/>
  <allow receive_type="signal"/>
  <allow send_destination="org.freedesktop.DBus" send_interface="org.freedesktop.DBus"/>
</policy>
<policy user="root">
  <allow send_destination="org.freedesktop.DBus" send_interface="org.freedesktop.DBus.Monitoring"/>
</policy>`;

/** A bus on which everything is allowed that no file forbids. */
const OPEN_POLICY = `<policy context="default">
  <allow user="*"/><allow own="*"/><allow send_destination="*"/><allow receive_sender="*"/>
</policy>`;

function policy(system: string): string {
  const ours = readFileSync(inRepository('packaging/dbus/mandos.conf'), 'utf8');
  const elements = /<busconfig>(.*)<\/busconfig>/s.exec(ours)?.[1] ?? '';
  return (
    system +
    elements
      .replaceAll('user="_mandos"', `user="${SERVER}"`)
      .replaceAll('group="_mandos"', 'group="nogroup"')
  );
}

const start = (system = SYSTEM_POLICY) =>
  ServiceOnABus.start(new FakeModel([makeClient('foo')]), policy(system));

function busctl(service: ServiceOnABus, who: User, args: readonly string[]): Promise<Outcome> {
  const options = [`--address=${service.bus.address}`, '--auto-start=no'];
  return run('/usr/bin/busctl', [...options, ...args], who);
}

const ARGUMENTS: Readonly<Record<string, readonly string[]>> = {
  b: ['b', 'true'],
  o: ['o', '/clients/foo'],
  s: ['s', CLIENT.name],
  ss: ['ss', CLIENT.name, 'Name'],
  ssv: ['ssv', CLIENT.name, 'Host', 's', 'x'],
};

/** What busctl is told to do for every method and property of these interfaces. */
function everyAct(path: string, interfaces: readonly Interface[]): string[][] {
  return interfaces.flatMap(({ name, members, properties }) => [
    ...members.flatMap((member) => {
      if (member.kind !== 'method') return [];
      const signature = member.takes.map(({ type }) => type).join('');
      const args = signature === '' ? [] : ARGUMENTS[signature];
      assert.ok(args, `arguments for ${member.name}`);
      return [['call', SERVICE_NAME, path, name, member.name, ...args]];
    }),
    ...properties.flatMap((property) => [
      ['get-property', SERVICE_NAME, path, name, property.name],
      ['set-property', SERVICE_NAME, path, name, property.name, ...valueOfType(property.type)],
    ]),
  ]);
}

function valueOfType(type: string): string[] {
  const values: Record<string, string[]> = { b: ['true'], o: ['/'], ay: ['1', '65'], n: ['1'] };
  return [type, ...(values[type] ?? (type === 't' ? ['1000'] : ['x']))];
}

const ALL = [
  ...everyAct('/', [INTROSPECTABLE, OBJECT_MANAGER, PEER, MANDOS, LEGACY_MANDOS]),
  ...everyAct('/clients/foo', [INTROSPECTABLE, PROPERTIES, CLIENT, LEGACY_CLIENT]),
];

function assertDenied({ code, stderr }: Outcome, what: readonly string[]): void {
  assert.notEqual(code, 0, what.join(' '));
  assert.match(stderr, /Access denied|AccessDenied|Rejected send message/, what.join(' '));
}

for (const [kind, system] of Object.entries({ system: SYSTEM_POLICY, open: OPEN_POLICY })) {
  test(
    `another user can do nothing at all on a bus with the ${kind} policy`,
    requires('root', 'private bus'),
    async () => {
      await using service = await start(system);
      assert.ok(ALL.length > 100);
      for (const args of ALL) assertDenied(await busctl(service, user(STRANGER), args), args);
      assert.deepEqual(service.model.acts, []);
      assert.equal(service.model.secrets.size, 0);
    },
  );
}

test(
  'nor by the legacy name or the name of the connection',
  requires('root', 'private bus'),
  async () => {
    await using service = await start();
    const [owner] = await service.caller.call({
      destination: 'org.freedesktop.DBus',
      path: '/org/freedesktop/DBus',
      interface: 'org.freedesktop.DBus',
      member: 'GetNameOwner',
      signature: 's',
      body: [SERVICE_NAME],
    });
    for (const name of [LEGACY_SERVICE_NAME, String(owner)]) {
      const args = ['call', name, '/clients/foo', CLIENT.name, 'Enable'];
      assertDenied(await busctl(service, user(STRANGER), args), args);
    }
    assert.deepEqual(service.model.acts, []);
  },
);

test('another user hears no signal of the server', requires('root', 'private bus'), async () => {
  await using service = await start();
  await using stranger = await SignalCollector.start(service.bus.address, user(STRANGER));
  await using operator = await SignalCollector.start(service.bus.address, user(OPERATOR));
  service.model.check('foo', 'true', 0);
  // What comes after it on the bus has been heard by both.
  assert.equal((await operator.signals()).length > 0, true);
  assert.deepEqual(await stranger.signals(), []);
});

test('root, the server and the group may do it', requires('root', 'private bus'), async () => {
  await using service = await start();
  for (const who of [user('root'), user(SERVER), user(OPERATOR)]) {
    const args = ['call', SERVICE_NAME, '/clients/foo', CLIENT.name, 'CheckedOK'];
    const { code, stderr } = await busctl(service, who, args);
    assert.equal(code, 0, stderr);
  }
  assert.equal(service.model.acts.length, 3);
});

test('only root and the server may take its names', requires('root', 'private bus'), async () => {
  await using service = await start();
  await service.service[Symbol.asyncDispose]();
  const bus = 'org.freedesktop.DBus';
  for (const name of [SERVICE_NAME, LEGACY_SERVICE_NAME]) {
    const args = ['call', bus, '/org/freedesktop/DBus', bus, 'RequestName', 'su', name, '4'];
    for (const who of [STRANGER, OPERATOR]) {
      const { code, stderr } = await busctl(service, user(who), args);
      assert.notEqual(code, 0);
      assert.match(stderr, /Access denied/);
    }
    for (const who of ['root', SERVER]) {
      const { code, stderr } = await busctl(service, user(who), args);
      assert.equal(code, 0, stderr);
    }
  }
});
