/** L2: what comes from outside is text in what mandos-ctl prints, and nothing else. */
import assert from 'node:assert/strict';
import test from 'node:test';
import { FakeModel, makeClient } from '../dbus/fake-model.ts';
import { ServiceOnABus } from '../dbus/service-on-a-bus.ts';
import { ownCtl } from '../support/mandos-ctl.ts';
import { RunningProgram } from '../support/process.ts';
import { inRepository } from '../support/repository.ts';
import { requires } from '../support/requirements.ts';

const needed = requires('private bus');

/** Moves the cursor, sets the title, breaks lines, turns text round. */
const HOSTILE = 'a\x1b[2J\x1b]0;x\x07\r\n\t\x9b1m\u2028\u202eb\x7f';
/** What no terminal may be sent: all controls but the end of a line, and what turns text round. */
const ACTIVE = /[^\P{Cc}\n]|[\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069]/u;

function hostileModel(): FakeModel {
  const settings = { host: HOSTILE, checker: HOSTILE, fingerprint: HOSTILE };
  return new FakeModel([makeClient(HOSTILE, { settings }), makeClient('foo')]);
}

for (const args of [
  [],
  ['--verbose'],
  ['--dump-json'],
  ['--explain', '--all'],
  ['--debug', '--checker', HOSTILE, HOSTILE],
  ['--remove', HOSTILE],
  [`${HOSTILE} `],
  ['--timeout', HOSTILE, 'foo'],
  ['--secret', HOSTILE, 'foo'],
  [`--${HOSTILE}`],
]) {
  test(`mandos-ctl ${JSON.stringify(args)} escapes it`, needed, async () => {
    await using server = await ServiceOnABus.start(hostileModel());
    const { stdout, stderr } = await ownCtl(server.bus.address, args);
    assert.notEqual(stdout.toString() + stderr + args[0], '');
    assert.doesNotMatch(stdout.toString(), ACTIVE);
    assert.doesNotMatch(stderr, ACTIVE);
  });
}

test('a table has a line for each client, whatever its name', needed, async () => {
  await using server = await ServiceOnABus.start(hostileModel());
  const { stdout } = await ownCtl(server.bus.address, ['--verbose']);
  assert.equal(stdout.toString().split('\n').length, 4);
});

test('mandos-ctl --watch escapes it', needed, async () => {
  const model = hostileModel();
  await using server = await ServiceOnABus.start(model);
  const env = { DBUS_SYSTEM_BUS_ADDRESS: server.bus.address };
  await using watch = RunningProgram.start(inRepository('bin/mandos-ctl'), ['--watch'], { env });
  await watch.waitForLine(/server-found/);
  model.check(HOSTILE, HOSTILE, 0);
  model.notFound(HOSTILE, HOSTILE);
  model.add(makeClient(`${HOSTILE}2`));
  await watch.waitForLine(/client-added/);
  assert.doesNotMatch(watch.stdout.toString('latin1'), /[^\n -~]/);
  const [, started = ''] = watch.stdout.toString().match(/^(.*checker-started.*)$/m) ?? [];
  assert.equal(JSON.parse(started).command, HOSTILE);
});
