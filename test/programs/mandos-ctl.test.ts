/** mandos-ctl as a program, on a server of ours: what Debian's does not have. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { milliseconds } from '../../src/core/time.ts';
import { ClientPaths } from '../../src/server/bus/client-paths.ts';
import { MandosBus } from '../../src/server/bus/mandos-bus.ts';
import { bootClock } from '../../src/system/boot-clock.ts';
import { FakeModel, makeClient } from '../dbus/fake-model.ts';
import { MuteBus } from '../dbus/mute-bus.ts';
import { RestartableBus } from '../dbus/restartable-bus.ts';
import { ServiceOnABus } from '../dbus/service-on-a-bus.ts';
import { ownCtl } from '../support/mandos-ctl.ts';
import { RunningProgram, run } from '../support/process.ts';
import { RecordingLog } from '../support/recording-log.ts';
import { inRepository } from '../support/repository.ts';
import { requires } from '../support/requirements.ts';
import { TempDir } from '../support/temp-dir.ts';

const needed = requires('private bus');
const CTL = inRepository('bin/mandos-ctl');

function startCtl(address: string, ...args: readonly string[]): RunningProgram {
  return RunningProgram.start(CTL, args, { env: { DBUS_SYSTEM_BUS_ADDRESS: address } });
}

/** The events that it has printed, each of which has to be a whole line. */
function events(program: RunningProgram): { event: string; [field: string]: unknown }[] {
  const text = program.stdout.toString('utf8');
  assert.ok(text === '' || text.endsWith('\n'));
  return text
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line));
}

describe('mandos-ctl --watch', needed, () => {
  it('prints a line for everything that happens, at once, until interrupted', async () => {
    const model = new FakeModel([makeClient('foo'), makeClient('bar')]);
    await using server = await ServiceOnABus.start(model);
    await using program = startCtl(server.bus.address, '--watch');
    await program.waitForLine(/"event":"server-found","clients":2/);
    model.check('foo', 'true', 0);
    await program.waitForLine(/"event":"checker-completed","client":"foo","exit_status":0/);
    model.happen('bar', { kind: 'disable' });
    await program.waitForLine(/"client":"bar","properties":\{"Enabled":false\}/);
    program.kill('SIGINT');
    assert.deepEqual(await program.exit, { code: 0, signal: null });
    assert.equal(events(program)[0]?.event, 'server-found');
  });

  it('tells when the server goes and comes back', async () => {
    await using bus = await RestartableBus.start();
    const serve = async (model: FakeModel): Promise<MandosBus> => {
      const { address } = bus;
      const log = new RecordingLog();
      const server = new MandosBus({
        address,
        model,
        paths: new ClientPaths(),
        clock: bootClock,
        log,
      });
      await server.ready;
      return server;
    };
    await using program = startCtl(bus.address, 'watch');
    await program.waitForLine(/"event":"server-lost","reason":"there is no Mandos server/);
    await program.waitForLine(/^mandos-ctl: there is no Mandos server .*waiting/);
    {
      await using _server = await serve(new FakeModel([makeClient('foo')]));
      await program.waitForLine(/"event":"server-found","clients":1/);
      await program.waitForLine(/^mandos-ctl: the server is there/);
    }
    await using _server = await serve(new FakeModel());
    await program.waitForLine(/"event":"server-found","clients":0/);
    program.kill('SIGTERM');
    assert.deepEqual(await program.exit, { code: 0, signal: null });
    assert.deepEqual(
      events(program).map(({ event }) => event),
      // A server that ends takes its clients with it.
      ['server-lost', 'server-found', 'client-removed', 'server-lost', 'server-found'],
    );
  });

  it('ends quietly when nobody reads any more', async () => {
    const model = new FakeModel([makeClient('foo')]);
    await using server = await ServiceOnABus.start(model);
    const script = `{ "$0" --watch; echo "status $?" >&2; } | { read -r line; }`;
    await using program = RunningProgram.start('/bin/sh', ['-c', script, CTL], {
      env: { DBUS_SYSTEM_BUS_ADDRESS: server.bus.address },
    });
    await program.waitForLine(/the server is there/);
    let checks = 0;
    const checking = setInterval(() => model.check('foo', `check ${++checks}`, 0), 20);
    try {
      await program.waitForLine(/^status 0$/);
    } finally {
      clearInterval(checking);
    }
    assert.match(program.stderr, /^mandos-ctl: the server is there\nstatus 0\n$/);
  });

  it('tells of the named clients only', async () => {
    const model = new FakeModel([makeClient('foo'), makeClient('bar')]);
    await using server = await ServiceOnABus.start(model);
    await using program = startCtl(server.bus.address, '--watch', 'bar');
    await program.waitForLine(/server-found/);
    model.happen('foo', { kind: 'disable' });
    model.happen('bar', { kind: 'secret-sent' });
    await program.waitForLine(/got-secret/);
    assert.deepEqual(
      new Set(events(program).map(({ client }) => client)),
      new Set([undefined, 'bar']),
    );
  });
});

describe('mandos-ctl', needed, () => {
  it('explains a client in one sentence', async () => {
    const dead = makeClient('dead', { life: { kind: 'disabled', reason: 'expired' } });
    await using server = await ServiceOnABus.start(new FakeModel([makeClient('foo'), dead]));
    for (const args of [
      ['explain', 'dead'],
      ['--explain', 'dead'],
    ]) {
      const { code, stdout } = await ownCtl(server.bus.address, args);
      assert.equal(code, 0);
      assert.match(stdout.toString(), /^No: dead is disabled [^\n]+\.\n$/);
    }
    const all = await ownCtl(server.bus.address, ['--explain', '--all']);
    // Both have the same key ID.
    assert.match(
      all.stdout.toString(),
      /^No: foo [^\n]+dead has the same [^\n]+\nNo: dead [^\n]+\n$/,
    );
    assert.equal((await ownCtl(server.bus.address, ['--explain', 'nobody'])).code, 1);
    assert.equal((await ownCtl(server.bus.address, ['explain'])).code, 2);
  });

  it('takes its own words for clients if there are such', async () => {
    await using server = await ServiceOnABus.start(
      new FakeModel([makeClient('watch'), makeClient('explain')]),
    );
    for (const name of ['watch', 'explain']) {
      const { code, stdout } = await ownCtl(server.bus.address, [name]);
      assert.equal(code, 0);
      assert.match(stdout.toString(), new RegExp(`^Name .*\n${name} .*\n$`));
    }
    const { stdout } = await ownCtl(server.bus.address, ['--explain', 'watch']);
    assert.match(stdout.toString(), /^No: watch /);
  });

  it('does nothing after something failed, but that to every client', async () => {
    const model = new FakeModel([makeClient('a'), makeClient('b')]);
    await using server = await ServiceOnABus.start(model);
    model.refuseWith = new Error('broken');
    const { code, stderr } = await ownCtl(server.bus.address, ['-t', 'PT9M', '-e', 'a', 'b']);
    assert.equal(code, 1);
    assert.match(stderr, /^mandos-ctl: client a: the server refused Set on \/clients\/a: /);
    assert.deepEqual(model.acts, [
      { name: 'b', act: { kind: 'set', property: 'Timeout', value: 540_000 } },
    ]);
  });

  it('sets no time that nobody meant', async () => {
    const model = new FakeModel([makeClient('foo')]);
    await using server = await ServiceOnABus.start(model);
    for (const text of ['PT5', '', '5 minutes', 'P1Y1D']) {
      const { code, stderr } = await ownCtl(server.bus.address, [`--timeout=${text}`, 'foo']);
      assert.equal(code, 2);
      assert.match(stderr, /--timeout/);
    }
    assert.deepEqual(model.acts, []);
    // Too long for Debian's mandos-ctl.
    assert.equal((await ownCtl(server.bus.address, ['--timeout=P1Y', 'foo'])).code, 0);
    assert.deepEqual(model.acts, [
      { name: 'foo', act: { kind: 'set', property: 'Timeout', value: 364 * 86_400_000 } },
    ]);
  });

  it('never shows a secret (S4)', async () => {
    await using dir = await TempDir.create();
    const file = await dir.write('secret', 'do not show this');
    const model = new FakeModel([makeClient('foo')]);
    await using server = await ServiceOnABus.start(model);
    const { address } = server.bus;
    const { code, stdout, stderr } = await ownCtl(address, ['--debug', '-s', file, 'foo']);
    assert.equal(code, 0);
    assert.match(stderr, /Secret.*16 bytes/);
    assert.doesNotMatch(stdout.toString() + stderr, /do not|show this|100,111/);
    assert.equal(Buffer.from(model.secrets.get('foo') ?? []).toString(), 'do not show this');
  });

  it('tests itself without any bus', async () => {
    const { code, stdout } = await ownCtl('unix:path=/nonexistent', ['--check']);
    assert.equal(code, 0);
    assert.match(stdout.toString(), /^(ok: .*\n)+$/);
  });

  it('says what to do without a server and without a bus', async () => {
    await using bus = await RestartableBus.start();
    assert.match(
      (await ownCtl(bus.address, [])).stderr,
      /no Mandos server.*\n.*hint: is mandos running/,
    );
    const { stderr } = await ownCtl('unix:path=/nonexistent', []);
    assert.match(
      stderr,
      /cannot connect to the message bus at [^ ]*: ENOENT\n.*hint: is dbus-daemon running/,
    );
  });

  it('ends when it is interrupted, whatever the bus does', async () => {
    for (const args of [[], ['--enable', '--all'], ['explain', 'foo'], ['watch']]) {
      await using bus = await MuteBus.start();
      await using program = startCtl(bus.address, ...args);
      await bus.greeted;
      program.kill('SIGINT');
      assert.deepEqual(await program.exit, { code: null, signal: 'SIGINT' }, args.join(' '));
      assert.equal(program.stderr, '');
    }
  });

  it('puts nothing in the place of a secret', async () => {
    const model = new FakeModel([makeClient('foo')]);
    await using server = await ServiceOnABus.start(model);
    const { code, stderr } = await ownCtl(server.bus.address, ['--secret=-', 'foo']);
    assert.equal(code, 2);
    assert.match(
      stderr,
      /^mandos-ctl: --secret: standard input is empty\n.*hint: every client keeps/,
    );
    const file = await ownCtl(server.bus.address, ['--secret=/dev/null', 'foo']);
    assert.match(file.stderr, /--secret: '\/dev\/null' is empty/);
    assert.equal(model.secrets.get('foo'), undefined);
  });

  it('lists 10,000 clients, and changes them all', async () => {
    const many = Array.from({ length: 10_000 }, (_, number) => makeClient(`client-${number}`));
    const model = new FakeModel(many);
    await using server = await ServiceOnABus.start(model);
    const env = { DBUS_SYSTEM_BUS_ADDRESS: server.bus.address };
    const table = await run(CTL, ['--verbose'], { env, timeout: 60_000 });
    assert.equal(table.stdout.toString().split('\n').length, 10_002);
    const changed = await run(CTL, ['--approval-delay=PT1S', '--all'], { env, timeout: 60_000 });
    assert.equal(changed.code, 0, changed.stderr);
    assert.equal(model.acts.length, 10_000);
    for (const client of model.clients()) {
      assert.equal(client.settings.approvalDelay, milliseconds(1000));
    }
  });
});
