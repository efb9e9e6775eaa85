/**
 * L1: D-Bus is open to root and the group `_mandos` by the bus policy only; every method and
 * property is tried as another user and refused; malformed variants get a D-Bus error.
 * (What is malformed is tried in test/dbus/members.test.ts and fuzzed.)
 */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import test from 'node:test';
import { type Interface, signatureOf } from '../../src/dbus/contract.ts';
import {
  CLIENT,
  LEGACY_CLIENT,
  LEGACY_MANDOS,
  LEGACY_SERVICE_NAME,
  MANDOS,
  SERVICE_NAME,
} from '../../src/dbus/mandos-interfaces.ts';
import {
  INTROSPECTABLE,
  OBJECT_MANAGER,
  PEER,
  PROPERTIES,
} from '../../src/dbus/standard-interfaces.ts';
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

/** A call of dbus-send: to whom, on what, and which method with which arguments. */
type Act = readonly [destination: string, path: string, member: string, ...args: string[]];

function send(service: ServiceOnABus, who: User, act: Act): Promise<Outcome> {
  const [destination, ...rest] = act;
  const options = [`--bus=${service.bus.address}`, '--print-reply', `--dest=${destination}`];
  return run('/usr/bin/dbus-send', [...options, ...rest], who);
}

const ARGUMENTS: Readonly<Record<string, readonly string[]>> = {
  '': [],
  b: ['boolean:true'],
  o: ['objpath:/clients/foo'],
  s: [`string:${CLIENT.name}`],
  ss: [`string:${CLIENT.name}`, 'string:Name'],
  ssv: [`string:${CLIENT.name}`, 'string:Host', 'variant:string:x'],
};

/** dbus-send cannot put bytes into a variant; what is inside does not matter to a bus policy. */
const VALUES: Readonly<Record<string, string>> = { b: 'boolean:true', t: 'uint64:1000' };

/** Every method, and every property both ways. */
function everyAct(path: string, interfaces: readonly Interface[]): Act[] {
  return interfaces.flatMap(({ name, members, properties }) => [
    ...members.flatMap((member): Act[] => {
      if (member.kind !== 'method') return [];
      const args = ARGUMENTS[signatureOf(member.takes)];
      assert.ok(args, `arguments for ${member.name}`);
      return [[SERVICE_NAME, path, `${name}.${member.name}`, ...args]];
    }),
    ...properties.flatMap((property): Act[] => {
      const which = [`string:${name}`, `string:${property.name}`];
      const value = `variant:${VALUES[property.type] ?? 'string:x'}`;
      return [
        [SERVICE_NAME, path, `${PROPERTIES.name}.Get`, ...which],
        [SERVICE_NAME, path, `${PROPERTIES.name}.Set`, ...which, value],
      ];
    }),
  ]);
}

const ALL = [
  ...everyAct('/', [INTROSPECTABLE, OBJECT_MANAGER, PEER, MANDOS, LEGACY_MANDOS]),
  ...everyAct('/clients/foo', [INTROSPECTABLE, PROPERTIES, CLIENT, LEGACY_CLIENT]),
];

function assertDenied({ code, stderr }: Outcome, act: Act): void {
  assert.equal(code, 1, act.join(' '));
  assert.match(stderr, /^Error org\.freedesktop\.DBus\.Error\.AccessDenied:/, act.join(' '));
}

for (const [kind, system] of Object.entries({ system: SYSTEM_POLICY, open: OPEN_POLICY })) {
  test(
    `another user can do nothing at all on a bus with the ${kind} policy`,
    requires('root', 'private bus'),
    async () => {
      await using service = await start(system);
      assert.ok(ALL.length > 100);
      for (const act of ALL) assertDenied(await send(service, user(STRANGER), act), act);
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
      const act: Act = [name, '/clients/foo', `${CLIENT.name}.Enable`];
      assertDenied(await send(service, user(STRANGER), act), act);
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
    const act: Act = [SERVICE_NAME, '/clients/foo', `${CLIENT.name}.CheckedOK`];
    const { code, stderr } = await send(service, who, act);
    assert.equal(code, 0, stderr);
  }
  assert.equal(service.model.acts.length, 3);
});

test('only root and the server may take its names', requires('root', 'private bus'), async () => {
  await using service = await start();
  await service.service[Symbol.asyncDispose]();
  const bus = 'org.freedesktop.DBus';
  for (const name of [SERVICE_NAME, LEGACY_SERVICE_NAME]) {
    const call = [`${bus}.RequestName`, `string:${name}`, 'uint32:4'] as const;
    const act: Act = [bus, '/org/freedesktop/DBus', ...call];
    for (const who of [STRANGER, OPERATOR]) {
      assertDenied(await send(service, user(who), act), act);
    }
    for (const who of ['root', SERVER]) {
      const { code, stderr } = await send(service, user(who), act);
      assert.equal(code, 0, stderr);
    }
  }
});
