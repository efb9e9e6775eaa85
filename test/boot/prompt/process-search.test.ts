/** Real processes: whether Plymouth has the console is seen by what runs. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import test from 'node:test';
import { processSearch } from '../../../src/boot/prompt/process-search-node.ts';
import { RunningProgram, run } from '../../support/process.ts';
import { TempDir } from '../../support/temp-dir.ts';

const NAME = 'splash-daemon';

/** A program that runs under `NAME`, the child of a process that never asks how it ended. */
async function daemonIn(dir: TempDir) {
  await run('/bin/cp', ['/bin/sleep', dir.join(NAME)]);
  const script = '"$0" 60 & echo "child $!"; exec sleep 60';
  const parent = RunningProgram.start('/bin/sh', ['-c', script, dir.join(NAME)]);
  const [, child = ''] = await parent.waitForLine(/^child (\d+)$/);
  // The shell would have asked.
  while (!statOf(parent.pid).includes('(sleep)'));
  while (!statOf(Number(child)).includes(`(${NAME})`));
  return {
    pid: Number(child),
    [Symbol.asyncDispose]: async () => await parent[Symbol.asyncDispose](),
  };
}

function statOf(pid: number): string {
  return readFileSync(`/proc/${pid}/stat`, 'latin1');
}

test('a process that runs is found by its name and by its PID file', async () => {
  await using dir = await TempDir.create();
  assert.equal(processSearch.isRunning(NAME), false);
  await using daemon = await daemonIn(dir);
  assert.equal(processSearch.isRunning(NAME), true);
  assert.equal(processSearch.pidFileHolds(await dir.write('pid', `${daemon.pid}\n`)), true);
});

test('C2: one that has ended does not keep the console, though it is still listed', async () => {
  await using dir = await TempDir.create();
  await using daemon = await daemonIn(dir);
  process.kill(daemon.pid, 'SIGKILL');
  while (!/\) Z/.test(statOf(daemon.pid)));
  assert.equal(processSearch.isRunning(NAME), false);
  assert.equal(processSearch.pidFileHolds(await dir.write('pid', `${daemon.pid}\n`)), false);
});

test('C2: a PID file that was left behind does not keep the console', async () => {
  await using dir = await TempDir.create();
  assert.equal(processSearch.pidFileHolds(dir.join('none')), false);
  // Larger than any process ID of Linux (proc(5), pid_max).
  assert.equal(processSearch.pidFileHolds(await dir.write('gone', '4194305\n')), false);
});

test('a PID file that names no process is believed', async () => {
  await using dir = await TempDir.create();
  for (const text of ['', 'x', '0', '-1', '99999999999']) {
    assert.equal(processSearch.pidFileHolds(await dir.write(`pid${text}`, text)), true);
  }
});
