import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { after as afterAll, afterEach, describe, it } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { milliseconds, seconds } from '../../src/core/time.ts';
import { bootClock } from '../../src/system/boot-clock.ts';
import { type CommandOptions, ProcessGroup } from '../../src/system/process-group.ts';
import { childrenOf, fileLockLimit, processStatus } from '../../src/system/process-table.ts';
import { Subreaper } from '../../src/system/subreaper.ts';
import { SimulatedClock } from '../support/simulated-clock.ts';

const environment = { PATH: '/usr/bin:/bin' };
const subreaper = new Subreaper();
afterEach(async () => await subreaper.quiet());
afterAll(() => subreaper[Symbol.dispose]());

function start(command: string, options: Partial<CommandOptions> = {}): ProcessGroup {
  return new ProcessGroup(command, subreaper, bootClock, { environment, ...options });
}

/** All that a command's output is told as. */
async function told(command: string): Promise<string[]> {
  const lines: string[] = [];
  const { promise: closed, resolve } = Promise.withResolvers<void>();
  await start(command, { output: (line) => lines.push(line), outputEnd: resolve }).ended;
  await closed;
  return lines;
}

describe('a command', () => {
  it('ends with its exit status', async () => {
    for (const status of [0, 1, 127, 255]) {
      assert.deepEqual(await start(`exit ${status}`).ended, { kind: 'exited', status });
    }
  });

  it('ends by a signal', async () => {
    assert.deepEqual(await start('kill -ABRT $$').ended, { kind: 'signalled', signal: 6 });
  });

  it('is asked to end, and killed only after the time of grace', async () => {
    const clock = new SimulatedClock();
    const group = new ProcessGroup(
      `trap 'echo asked' TERM; echo ready; while :; do sleep 0.01; done`,
      subreaper,
      clock,
      { environment, grace: seconds(3), output: (line) => onLine(line) },
    );
    const ready = Promise.withResolvers<void>();
    const asked = Promise.withResolvers<void>();
    function onLine(line: string): void {
      if (line === 'ready') ready.resolve();
      if (line === 'asked') asked.resolve();
    }
    await ready.promise;
    group.stop();
    await asked.promise;
    await clock.advance(milliseconds(2999));
    const [pid = 0] = childrenOf(process.pid);
    assert.equal(processStatus(pid)?.zombie, false);
    await clock.advance(milliseconds(1));
    assert.deepEqual(await group.ended, { kind: 'signalled', signal: 9 });
    group.stop();
    assert.equal(clock.pending, 0);
  });

  it('that stands still hears that it is to end', async () => {
    const options = { environment, grace: seconds(3) };
    const still = `trap 'exit 7' TERM; kill -STOP $$; while :; do sleep 0.01; done`;
    const group = new ProcessGroup(still, subreaper, new SimulatedClock(), options);
    const [pid = 0] = childrenOf(process.pid);
    while (!/\) T /.test(readFileSync(`/proc/${pid}/stat`, 'latin1'))) await setImmediate();
    group.stop();
    assert.deepEqual(await group.ended, { kind: 'exited', status: 7 });
  });

  it('that cannot be started says why, and leaves nothing behind', () => {
    const output = (): void => undefined;
    const before = readdirSync('/proc/self/fd').length;
    assert.throws(() => start('echo a\0b', { output }), /cannot start a command: a NUL/);
    assert.throws(() => start(`: ${'x'.repeat(200_000)}`, { output }), /posix_spawn: E2BIG/);
    assert.equal(readdirSync('/proc/self/fd').length, before);
    assert.deepEqual(childrenOf(process.pid), []);
  });

  it('marks this process only while it is being started', async () => {
    const before = fileLockLimit(process.pid);
    const group = start('sleep 1000');
    assert.equal(fileLockLimit(process.pid), before);
    const [pid = 0] = childrenOf(process.pid);
    const mark = fileLockLimit(pid) ?? 0;
    assert.ok(mark > 1e12 && mark < 1e17);
    group.stop();
    assert.deepEqual(await group.ended, { kind: 'signalled', signal: 15 });
  });
});

describe("a command's output", () => {
  it('is told line by line, with the last line whether it is ended or not', async () => {
    assert.deepEqual(await told('echo one; echo; echo two >&2; printf three'), [
      'one',
      '',
      'two',
      'three',
    ]);
    assert.deepEqual(await told('true'), []);
  });

  it('is cut when lines are long or many', async () => {
    assert.deepEqual(await told("printf '%0600d\\n%0500d\\n' 0 0"), [
      `${'0'.repeat(500)}…`,
      '0'.repeat(500),
    ]);
    const many = await told('seq 1000');
    assert.deepEqual(
      many.slice(0, 50),
      Array.from({ length: 50 }, (_, index) => `${index + 1}`),
    );
    assert.deepEqual(many.slice(50), ['… (the rest is left out)']);
    const endless = await told('head -c 1000000 /dev/zero | tr "\\0" x');
    assert.deepEqual(endless, [`${'x'.repeat(500)}…`, '… (the rest is left out)']);
  });
});

describe('two sub-reapers in one process', () => {
  it('leave what the other one started alone', async () => {
    const other = new Subreaper();
    const lines: string[] = [];
    const { promise: ready, resolve } = Promise.withResolvers<void>();
    const group = start('setsid sh -c "(sleep 1000; :) & echo on; wait" & wait', {
      output: (line) => {
        lines.push(line);
        resolve();
      },
    });
    await ready;
    const theirs = new ProcessGroup('( setsid sleep 1000 & )', other, bootClock, { environment });
    await theirs.ended;
    await other.quiet();
    other[Symbol.dispose]();
    assert.ok(childrenOf(process.pid).length > 0);
    group.stop();
    await group.ended;
    await subreaper.quiet();
    assert.deepEqual(childrenOf(process.pid), []);
  });
});
