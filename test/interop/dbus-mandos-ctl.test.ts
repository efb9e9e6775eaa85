/** Debian's mandos-ctl cannot tell our server from Debian's. */
import assert from 'node:assert/strict';
import { chown, mkdir, readFile } from 'node:fs/promises';
import test from 'node:test';
import type { KeyId } from '../../src/core/key-id.ts';
import { instant, milliseconds, type WallTime, wallTime } from '../../src/core/time.ts';
import { FakeModel, makeClient } from '../dbus/fake-model.ts';
import { RestartableBus } from '../dbus/restartable-bus.ts';
import { ServiceOnABus } from '../dbus/service-on-a-bus.ts';
import { freePort } from '../support/free-port.ts';
import { type Outcome, RunningProgram, run } from '../support/process.ts';
import { inRepository } from '../support/repository.ts';
import { requires } from '../support/requirements.ts';
import { TempDir } from '../support/temp-dir.ts';

const needed = requires('original server');

function ctl(address: string, args: readonly string[]): Promise<Outcome> {
  const program = inRepository('.cache/originals/mandos/usr/sbin/mandos-ctl');
  const env = { DBUS_SYSTEM_BUS_ADDRESS: address };
  return run('/usr/bin/python3', [program, ...args], { env });
}

async function printed(address: string, args: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await ctl(address, args);
  assert.equal(code, 0, stderr);
  return stdout.toString('utf8');
}

const CLIENTS = `[DEFAULT]
secret = aGVsbG8=
interval = PT2H
[foo]
key_id = 788CD77115CD0BB7B2D5E0AE8496F6B48149D5E712C652076B1FD2D957EF7C1F
fingerprint = 778827225BA7DE539C5A7CFA59CFF7CDBD9A5920
host = localhost
checker = true
timeout = P2D
[www.example-1.org]
key_id = 988CD77115CD0BB7B2D5E0AE8496F6B48149D5E712C652076B1FD2D957EF7C1F
fingerprint = 4E393AEAEFB84C7E89E2F547B3A107558FCA3A27
host = ::1
checker = echo %%%%(host)s "é"
approved_by_default = False
approval_delay = PT30S
enabled = False
`;

/** Debian's server with these clients; waits until it answers on the bus. */
async function startOriginal(bus: RestartableBus, dir: TempDir): Promise<RunningProgram> {
  const nobody = /^nobody:[^:]*:(\d+):(\d+)/m.exec(await readFile('/etc/passwd', 'latin1'));
  for (const name of ['state', 'tmp']) {
    await mkdir(dir.join(name), { mode: 0o700 });
    await chown(dir.join(name), Number(nobody?.[1]), Number(nobody?.[2]));
  }
  await mkdir(dir.join('config'));
  await dir.write('config/clients.conf', CLIENTS);
  await dir.write('config/mandos.conf', '[DEFAULT]\n');
  const options = ['--foreground', '--no-zeroconf', '--address', '::1'];
  const port = ['--port', String(await freePort('::1'))];
  const directories = ['--configdir', dir.join('config'), '--statedir', dir.join('state')];
  const program = inRepository('.cache/originals/mandos/usr/sbin/mandos');
  return RunningProgram.start('/usr/bin/python3', [program, ...options, ...port, ...directories], {
    env: { DBUS_SYSTEM_BUS_ADDRESS: bus.address, TMPDIR: dir.join('tmp') },
  });
}

async function untilServing(address: string): Promise<void> {
  for (let attempt = 0; attempt < 40; attempt++) {
    const { code, stdout } = await ctl(address, ['--dump-json']);
    if (code === 0 && Object.keys(JSON.parse(stdout.toString())).length === 2) return;
  }
  assert.fail("Debian's server does not answer");
}

type Shown = Record<string, never>;

/** The client that mandos-ctl shows like this. */
function clientLike(shown: Shown) {
  const time = (name: string): WallTime | null =>
    String(shown[name]) === ''
      ? null
      : wallTime(Date.parse(`${String(shown[name]).slice(0, 23)}Z`));
  const duration = (name: string) => milliseconds(shown[name] ?? 0);
  const template = makeClient('template');
  assert.equal(template.life.kind, 'enabled');
  const expires = { boot: instant(9e9), wall: time('Expires') ?? wallTime(0) };
  return makeClient(shown.Name ?? '', {
    settings: {
      keyId: String(shown.KeyID) as KeyId,
      fingerprint: shown.Fingerprint ?? '',
      host: shown.Host ?? '',
      checker: shown.Checker ?? '',
      timeout: duration('Timeout'),
      extendedTimeout: duration('ExtendedTimeout'),
      interval: duration('Interval'),
      approvalDelay: duration('ApprovalDelay'),
      approvalDuration: duration('ApprovalDuration'),
      approvedByDefault: shown.ApprovedByDefault ?? false,
    },
    life: shown.Enabled
      ? { ...template.life, expires }
      : { kind: 'disabled', reason: 'configured' },
    created: time('Created') ?? wallTime(0),
    lastEnabled: time('LastEnabled'),
    lastCheckedOk: time('LastCheckedOK'),
    lastCheckerStatus: shown.LastCheckerStatus ?? 0,
  });
}

test('mandos-ctl shows the same for the same clients', needed, async () => {
  const ways = [['--dump-json'], [], ['--verbose'], ['foo'], ['--verbose', 'www.example-1.org']];
  const theirs: string[] = [];
  {
    await using bus = await RestartableBus.start();
    await using dir = await TempDir.create(0o711);
    await using _original = await startOriginal(bus, dir);
    await untilServing(bus.address);
    for (const way of ways) theirs.push(await printed(bus.address, way));
  }
  const clients = Object.values<Shown>(JSON.parse(theirs[0] ?? '')).map(clientLike);
  await using ours = await ServiceOnABus.start(new FakeModel(clients));
  for (const [index, way] of ways.entries()) {
    // Their microseconds are beyond our clock.
    const expected = theirs[index]?.replaceAll(/(T[\d:]{8}\.\d{3})\d{3}/g, '$1000');
    assert.equal(await printed(ours.bus.address, way), expected, way.join(' '));
  }
});

test('every option of mandos-ctl acts on our server', needed, async () => {
  await using dir = await TempDir.create();
  const secret = await dir.write('secret', 'a\0\xff blob');
  const options: [option: string, act: object][] = [
    ['--disable', { kind: 'disable' }],
    ['--enable', { kind: 'enable' }],
    ['--bump-timeout', { kind: 'checked-ok' }],
    ['--start-checker', { kind: 'start-checker' }],
    ['--stop-checker', { kind: 'stop-checker' }],
    ['--approve', { kind: 'approve', approved: true }],
    ['--deny', { kind: 'approve', approved: false }],
    ['--checker=exit 3', { kind: 'set', property: 'Checker', value: 'exit 3' }],
    ['--host=::1', { kind: 'set', property: 'Host', value: '::1' }],
    ['--timeout=PT5M', { kind: 'set', property: 'Timeout', value: 300_000 }],
    ['--extended-timeout=PT20M', { kind: 'set', property: 'ExtendedTimeout', value: 1_200_000 }],
    ['--interval=PT3M', { kind: 'set', property: 'Interval', value: 180_000 }],
    ['--approval-delay=PT1S', { kind: 'set', property: 'ApprovalDelay', value: 1000 }],
    ['--approval-duration=PT2S', { kind: 'set', property: 'ApprovalDuration', value: 2000 }],
    ['--approve-by-default', { kind: 'set', property: 'ApprovedByDefault', value: true }],
    ['--deny-by-default', { kind: 'set', property: 'ApprovedByDefault', value: false }],
    [`--secret=${secret}`, { kind: 'set-secret' }],
    ['--remove', { kind: 'remove' }],
  ];
  const names = ['foo', 'www.example-1.org'];
  const model = new FakeModel([...names, 'other'].map((name) => makeClient(name)));
  await using ours = await ServiceOnABus.start(model);
  for (const [option, act] of options) {
    model.acts.length = 0;
    await printed(ours.bus.address, [option, ...names]);
    // It takes the clients in no particular order.
    const acts = model.acts.toSorted((one, other) => (one.name < other.name ? -1 : 1));
    assert.deepEqual(
      acts,
      names.map((name) => ({ name, act })),
      option,
    );
  }
  assert.deepEqual(model.secrets.get('foo'), new Uint8Array(await readFile(secret)));
  assert.deepEqual(Object.keys(JSON.parse(await printed(ours.bus.address, ['-j']))), ['other']);
});

test('mandos-ctl --is-enabled tells the living from the dead', needed, async () => {
  const dead = makeClient('dead', { life: { kind: 'disabled', reason: 'expired' } });
  await using ours = await ServiceOnABus.start(new FakeModel([makeClient('alive'), dead]));
  assert.equal((await ctl(ours.bus.address, ['--is-enabled', 'alive'])).code, 0);
  assert.equal((await ctl(ours.bus.address, ['--is-enabled', 'dead'])).code, 1);
  assert.notEqual((await ctl(ours.bus.address, ['--is-enabled', 'nobody'])).code, 0);
});
