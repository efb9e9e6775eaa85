import assert from 'node:assert/strict';
import test from 'node:test';
import { hookEnvironment } from '../../src/boot/hook-environment.ts';
import { type FileFacts, NetworkHooks } from '../../src/boot/network-hooks.ts';
import { GRACE } from '../../src/boot/runner/race.ts';
import { parseServerAddress } from '../../src/boot/server-address.ts';
import { CancellationSource } from '../../src/core/cancellation.ts';
import { seconds } from '../../src/core/time.ts';
import { RecordingLog } from '../support/recording-log.ts';
import { SimulatedClock } from '../support/simulated-clock.ts';
import { clientSettings } from './simulated-client.ts';
import { HOOK_FOLDER, SimulatedHooks } from './simulated-hooks.ts';

function hooksOf(runner: SimulatedHooks) {
  const log = new RecordingLog();
  const clock = new SimulatedClock();
  const environment = { DEVICE: 'eth0' };
  const hooks = new NetworkHooks({ runner, clock, log, folder: HOOK_FOLDER, environment });
  return { hooks, log, clock };
}

const never = new CancellationSource();

test('hooks run in the order of their names, at the start and at the end', async () => {
  const runner = new SimulatedHooks();
  for (const name of ['b_2', 'A.sh', '10-x']) runner.add(name);
  const { hooks } = hooksOf(runner);
  await hooks.start(never);
  await hooks.stop();
  assert.deepEqual(runner.runs, [
    '10-x start',
    'A.sh start',
    'b_2 start',
    '10-x stop',
    'A.sh stop',
    'b_2 stop',
  ]);
  assert.deepEqual(runner.environments[0], {
    DEVICE: 'eth0',
    MANDOSNETHOOKDIR: HOOK_FOLDER,
    MODE: 'start',
  });
  await hooks.stop();
  assert.equal(runner.runs.length, 6);
});

test('no folder, no hooks', async () => {
  const { hooks, log } = hooksOf(new SimulatedHooks());
  await hooks.start(never);
  assert.deepEqual(log.at('warning'), []);
});

const REFUSED: readonly [string, string, Partial<FileFacts>][] = [
  ['has a bad name', 'hook~', {}],
  ['has a name with a space', 'a b', {}],
  ['is a folder', 'hook', { kind: 'folder' }],
  ['cannot be executed', 'hook', { executable: false, mode: 0o644 }],
  ['is writable by others (L3)', 'hook', { mode: 0o757 }],
  ['is writable by a group (L3)', 'hook', { mode: 0o775, group: 100 }],
  ['belongs to another user (L3)', 'hook', { owner: 1000 }],
];

for (const [what, name, facts] of REFUSED) {
  test(`a hook that ${what} is not run`, async () => {
    const runner = new SimulatedHooks();
    runner.add(name, 'well', facts);
    const { hooks } = hooksOf(runner);
    await hooks.start(never);
    await hooks.stop();
    assert.deepEqual(runner.runs, []);
  });
}

for (const [what, facts] of [
  ['is writable by others', { mode: 0o757 }],
  ['belongs to another user', { owner: 1000 }],
  ['is no folder', { kind: 'file' }],
] as const) {
  test(`L3: no hook is run from a folder that ${what}`, async () => {
    const runner = new SimulatedHooks();
    runner.add('hook');
    runner.folder(facts);
    const { hooks, log } = hooksOf(runner);
    await hooks.start(never);
    assert.deepEqual(runner.runs, []);
    assert.equal(log.at('error').length, 1);
  });
}

test('a hook that fails is told of and keeps nobody from going on', async () => {
  const runner = new SimulatedHooks();
  runner.add('a', 'badly');
  runner.add('b');
  const { hooks, log } = hooksOf(runner);
  await hooks.start(never);
  assert.deepEqual(runner.runs, ['a start', 'b start']);
  assert.match(log.at('warning').join(), /network hook a start failed: .*exit status 1/);
});

test('a hook that does not end is ended after a minute, or eight seconds for its "stop"', async () => {
  const runner = new SimulatedHooks();
  runner.add('a', 'for ever');
  const { hooks, clock } = hooksOf(runner);
  const started = hooks.start(never);
  await clock.advance(seconds(60));
  await started;
  const stopped = hooks.stop();
  await clock.advance(seconds(8));
  await stopped;
  assert.equal(runner.running, 0);
});

test('all hooks are stopped before the plugin race would kill us (C4)', async () => {
  const runner = new SimulatedHooks();
  for (const name of ['a', 'b', 'c', 'd']) runner.add(name);
  const { hooks, clock } = hooksOf(runner);
  await hooks.start(never);
  for (const name of ['a', 'c']) runner.add(name, 'for ever');
  let over = false;
  const stopped = hooks.stop().then(() => {
    over = true;
  });
  for (let tenths = 0; tenths < 10 * (GRACE / 1000) - 1 && !over; tenths++) {
    await clock.advance(seconds(0.1));
  }
  assert.equal(over, true);
  await stopped;
  assert.deepEqual(runner.runs.slice(4), ['a stop', 'b stop', 'c stop', 'd stop']);
});

test('hooks are told the options as the original tells them', () => {
  const connect = parseServerAddress('fe80::1%eth0:4711');
  const interfaces = { names: ['eth0', 'br0'], onlyBringUp: null };
  const settings = clientSettings({ connect, interfaces, delay: seconds(1.25), debug: false });
  assert.deepEqual(hookEnvironment(settings), {
    DEVICE: 'eth0,br0',
    VERBOSITY: '0',
    DELAY: '1.250000',
    CONNECT: 'fe80::1%eth0:4711',
  });
  const searching = hookEnvironment(clientSettings({ connect: null, debug: true }));
  assert.deepEqual(searching, { DEVICE: '', VERBOSITY: '1', DELAY: '2.500000' });
});
