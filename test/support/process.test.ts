import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import test from 'node:test';
import { RunningProgram, run } from './process.ts';

/** Whether the process runs; one that has ended may still wait for its parent to notice. */
function isAlive(pid: string): boolean {
  try {
    return !/^\d+ \(.*\) Z/.test(readFileSync(`/proc/${pid}/stat`, 'latin1'));
  } catch {
    return false;
  }
}

test('a program that ignores TERM is stopped with everything it started', async () => {
  const script = 'trap "" TERM; sleep 1000 & echo "started $!"; wait; wait';
  const program = RunningProgram.start('/bin/sh', ['-c', script]);
  const [, child = ''] = await program.waitForLine(/^started (\d+)$/);
  assert.ok(isAlive(child));
  await program[Symbol.asyncDispose]();
  assert.equal((await program.exit).signal, 'SIGKILL');
  assert.ok(!isAlive(child));
});

test('input goes in, output and exit status come out', async () => {
  const outcome = await run('/bin/sh', ['-c', 'cat; echo complaint >&2; exit 7'], {
    input: 'hello',
  });
  assert.equal(outcome.stdout.toString(), 'hello');
  assert.equal(outcome.stderr, 'complaint\n');
  assert.equal(outcome.code, 7);
});

test('waiting for a line that never comes ends with the program', async () => {
  await using program = RunningProgram.start('/bin/sh', ['-c', 'echo other']);
  await assert.rejects(program.waitForLine(/^wanted$/), /ended before it wrote.*other/s);
});

test('a program that cannot be started is an error', async () => {
  await assert.rejects(run('/nonexistent/program', []), /ENOENT/);
});
