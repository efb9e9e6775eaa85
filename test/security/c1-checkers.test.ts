/**
 * C1: a checker that ignores TERM, double-forks, calls setsid, floods its output, closes its
 * descriptors or never ends is stopped with everything it started, reaped, and harms no
 * other client.
 */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { closeSync, existsSync, openSync, readdirSync, readFileSync } from 'node:fs';
import { after as afterAll, afterEach, describe, it } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import type { CheckId } from '../../src/core/client.ts';
import { instant, milliseconds } from '../../src/core/time.ts';
import { checkerRunner } from '../../src/server/checker-process.ts';
import { Checkers } from '../../src/server/checkers.ts';
import { bootClock } from '../../src/system/boot-clock.ts';
import { type ChildEnd, ProcessGroup } from '../../src/system/process-group.ts';
import { childrenOf, processStatus } from '../../src/system/process-table.ts';
import { Subreaper } from '../../src/system/subreaper.ts';
import { RecordingLog } from '../support/recording-log.ts';
import { TempDir } from '../support/temp-dir.ts';

const PATH = '/usr/local/bin:/usr/bin:/bin';
const subreaper = new Subreaper();
const groups: ProcessGroup[] = [];
afterEach(async () => {
  for (const group of groups.splice(0)) group.stop();
  await subreaper.quiet();
});
afterAll(() => subreaper[Symbol.dispose]());

/** Soon enough for a test, and later than any program here needs to act on TERM. */
const GRACE = milliseconds(300);

function start(
  command: string,
  environment: Record<string, string> = {},
  output?: (line: string) => void,
): ProcessGroup {
  const group = new ProcessGroup(command, subreaper, bootClock, {
    environment: { PATH, ...environment },
    grace: GRACE,
    ...(output === undefined ? {} : { output }),
  });
  groups.push(group);
  return group;
}

function descriptors(): string[] {
  return readdirSync('/proc/self/fd').sort();
}

/** The processes with this word in their environment or command line, zombies aside. */
function processesWith(word: string): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .map(Number)
    .filter((pid) =>
      ['environ', 'cmdline'].some((file) => {
        try {
          return readFileSync(`/proc/${pid}/${file}`, 'latin1').includes(word);
        } catch {
          return false;
        }
      }),
    );
}

/** Until `condition` holds; fails after a minute. */
async function until(what: string, condition: () => boolean): Promise<void> {
  const deadline = performance.now() + 60_000;
  while (!condition()) {
    assert.ok(performance.now() < deadline, `never happened: ${what}`);
    await pause(5);
  }
}

let runs = 0;
/** A word of its own for each run, by which the run's processes are recognised. */
function freshWord(): string {
  runs += 1;
  return `c1-test-${process.pid}-${runs}`;
}

/**
 * Nasty programs. Each creates the file $READY when it has done its worst, and `$WORD` is in
 * the environment of all that it starts. `ends`: whether it ends by itself.
 */
const NASTY: readonly { name: string; command: string; ends?: boolean }[] = [
  { name: 'never ends', command: 'touch "$READY"; sleep 1000' },
  {
    name: 'ignores TERM',
    command: `trap '' TERM HUP INT; touch "$READY"; while :; do sleep 1; done`,
  },
  {
    name: 'double-forks, and ends',
    command: '( (touch "$READY"; exec sleep 1000) & ); while [ ! -e "$READY" ]; do :; done; exit 3',
    ends: true,
  },
  {
    name: 'starts a new session, and ends',
    command:
      'setsid sh -c \'touch "$READY"; exec sleep 1000\' & while [ ! -e "$READY" ]; do :; done',
    ends: true,
  },
  {
    name: 'starts a new session, and never ends',
    command: 'setsid sh -c \'touch "$READY"; sleep 1000\' & sleep 1000',
  },
  {
    name: 'makes a daemon in a new session, ignoring TERM, with an empty environment',
    command: `setsid sh -c '(trap "" TERM; sleep 1000 & exec env -i sh -c "touch $READY; sleep 1000; : $WORD") & exit' & sleep 1000`,
  },
  { name: 'floods its output', command: 'touch "$READY"; yes; sleep 1000' },
  {
    name: 'floods its output from many processes',
    command: 'for i in 1 2 3 4 5 6; do yes & done; touch "$READY"; wait',
  },
  { name: 'closes its descriptors', command: 'exec <&- >&- 2>&-; touch "$READY"; sleep 1000' },
  {
    name: 'starts others on TERM',
    command: `trap 'setsid sleep 1000 & sleep 1000 & sleep 1000' TERM; touch "$READY"; while :; do sleep 1; done`,
  },
  {
    name: 'leaves zombies',
    command: '(sleep 0 & sleep 0 & exec sleep 1000) & touch "$READY"; sleep 1000',
  },
  {
    name: 'leaves zombies, and ends',
    command: 'setsid sh -c \'sleep 0 & sleep 0 & touch "$READY"; exec sleep 1000\' & sleep 0.2',
    ends: true,
  },
  { name: 'stops itself', command: 'touch "$READY"; kill -STOP $$' },
  {
    name: 'flees: forks, leaves its group and ends, over and over',
    command: `exec perl -e 'use POSIX; open(F, ">", $ENV{READY}); close F; for (1 .. 20000) { exit if fork; setsid }'`,
    ends: true,
  },
];

/** Runs one to its worst moment, stops it unless it ends by itself, and waits for its end. */
async function runNasty(command: string, ends: boolean): Promise<{ end: ChildEnd; word: string }> {
  await using dir = await TempDir.create();
  const word = freshWord();
  const ready = dir.join('ready');
  const group = start(command, { READY: ready, WORD: word });
  await until('the program gets ready', () => existsSync(ready));
  if (!ends) group.stop();
  return { end: await group.ended, word };
}

describe('C1: nothing is left of a checker that', () => {
  for (const { name, command, ends = false } of NASTY) {
    it(name, async () => {
      const before = descriptors();
      const { end, word } = await runNasty(command, ends);
      if (!ends) assert.equal(end.kind, 'signalled');
      await subreaper.quiet();
      assert.deepEqual(processesWith(word), []);
      assert.deepEqual(childrenOf(process.pid), []);
      assert.deepEqual(descriptors(), before);
    });
  }

  it('is stopped together with a hundred others', async () => {
    const word = freshWord();
    const hundred = Array.from({ length: 100 }, (_, index) =>
      start(index % 2 ? 'setsid sleep 1000 & sleep 1000' : 'sleep 1000', { WORD: word }),
    );
    await until('all of them run', () => processesWith(word).length >= 150);
    for (const group of hundred) group.stop();
    await Promise.all(hundred.map((group) => group.ended));
    await subreaper.quiet();
    assert.deepEqual(processesWith(word), []);
    assert.deepEqual(childrenOf(process.pid), []);
  });
});

describe('C1: other clients', () => {
  it('keep their checkers and what those started, when one is stopped', async () => {
    await using dir = await TempDir.create();
    const word = freshWord();
    // It has an orphan in a session of its own, too.
    const other = start('( setsid sh -c \'touch "$READY"; exec sleep 1000\' & ); sleep 1000', {
      WORD: word,
      READY: dir.join('ready'),
    });
    await until('the other runs', () => existsSync(dir.join('ready')));
    const theirs = processesWith(word);
    for (const { command, ends = false } of NASTY.slice(0, 6)) await runNasty(command, ends);
    await until('only the other is left', () =>
      childrenOf(process.pid).every((pid) => theirs.includes(pid)),
    );
    assert.deepEqual(processesWith(word), theirs);
    other.stop();
    await other.ended;
    await subreaper.quiet();
    assert.deepEqual(processesWith(word), []);
  });

  it('are checked in time, however many checkers never end', async () => {
    const completed: string[] = [];
    const { promise, resolve } = Promise.withResolvers<number>();
    const log = new RecordingLog();
    const environment = { PATH };
    const checkers = new Checkers({
      clock: bootClock,
      log,
      starting: 8,
      run: checkerRunner({ subreaper, clock: bootClock, log, environment, showOutput: false }),
      tell: (client, event) => {
        if (event.kind !== 'checker-completed') return;
        completed.push(client);
        resolve(event.waitStatus);
      },
    });
    const check = (client: string, command: string, expires: number): void =>
      checkers.start({
        client,
        check: 1 as CheckId,
        expires: instant(expires),
        expand: () => ({ kind: 'command', command }),
      });
    for (let i = 0; i < 30; i++) check(`bad${i}`, 'sleep 1000', 0);
    check('good', 'true', 1);
    assert.equal(await promise, 0);
    assert.deepEqual(completed, ['good']);
    await checkers.close();
    await subreaper.quiet();
    assert.deepEqual(childrenOf(process.pid), []);
  });

  it('and the processes that Node itself started are left alone', async () => {
    const child = spawn('sleep', ['1000'], { stdio: 'ignore', detached: true });
    const exit = new Promise((resolve) => child.once('exit', (_code, signal) => resolve(signal)));
    await runNasty('touch "$READY"; exec sleep 1000', false);
    await subreaper.quiet();
    assert.ok(processStatus(child.pid ?? 0)?.zombie === false);
    child.kill('SIGTERM');
    assert.equal(await exit, 'SIGTERM');
  });
});

describe('C1: a flood that is shown', () => {
  it('costs bounded memory and time, and does not end the checker', async () => {
    const lines: string[] = [];
    const before = process.memoryUsage.rss();
    const group = start('yes a-line; exit 1', {}, (line) => lines.push(line));
    await until('lines come', () => lines.length > 50);
    const busy = process.cpuUsage();
    await pause(500);
    const { user, system } = process.cpuUsage(busy);
    assert.ok(user + system < 150_000, `${user + system} µs of 500,000`);
    assert.ok(process.memoryUsage.rss() - before < 30e6);
    assert.deepEqual(lines, [...Array(50).fill('a-line'), '… (the rest is left out)']);
    group.stop();
    assert.deepEqual(await group.ended, { kind: 'signalled', signal: 15 });
    await subreaper.quiet();
  });
});

describe('L5: a checker', () => {
  it('gets a clean environment, no descriptors, and no ignored signals', async () => {
    const lines: string[] = [];
    // Inherited by every program that is not kept from it.
    const descriptor = openSync('/etc/passwd', 'r');
    const group = start(
      'ls -l /proc/$$/fd; env -u PWD; pwd; grep SigIgn /proc/$$/status; read x || echo end',
      {},
      (line) => lines.push(line),
    );
    assert.deepEqual(await group.ended, { kind: 'exited', status: 0 });
    await until('the output is read', () => lines.at(-1) === 'end');
    closeSync(descriptor);
    const text = lines.join('\n').replace(/^.* ([0-9]+) -> (\S+?)(?::\[\d+\])?$/gm, '$1 $2');
    assert.equal(
      text,
      [
        'total 0',
        '0 /dev/null',
        '1 pipe',
        '2 pipe',
        `PATH=${PATH}`,
        '/',
        'SigIgn:\t0000000000000000',
        'end',
      ].join('\n'),
    );
  });
});
