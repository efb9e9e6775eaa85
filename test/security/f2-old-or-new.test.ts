/**
 * F2: `kill -9` at any moment, a machine that stops at any moment, and a disk that fills at any
 * write leave the old state or the new one, whole. MANDOS_CRASH_ROUNDS=n makes n times as many
 * rounds.
 */
import assert from 'node:assert/strict';
import { mkdir } from 'node:fs/promises';
import process from 'node:process';
import { describe, test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { Random } from '../fuzz/random.ts';
import { CONF, NAMES, PICTURES, type Picture } from '../server/store/crash-story.ts';
import { KILL_CONF, KILL_NAMES } from '../server/store/kill-story.ts';
import { StateStart } from '../server/store/state-world.ts';
import { VirtualDisk } from '../server/store/virtual-disk.ts';
import { type Operation, traceWrites } from '../server/store/write-trace.ts';
import { RunningProgram, succeed } from '../support/process.ts';
import { inRepository } from '../support/repository.ts';
import { requires } from '../support/requirements.ts';
import { TempDir } from '../support/temp-dir.ts';

const ROUNDS = Number(process.env.MANDOS_CRASH_ROUNDS ?? 1);
/** Starts that are killed, in each of two directories. */
const KILLS = 60;
const LONG = { timeout: 60_000 * (1 + ROUNDS) };
/** Starting is most of what a round takes. */
const COMPILED = {
  NODE_COMPILE_CACHE: inRepository('node_modules/.compile-cache'),
  NODE_COMPILE_CACHE_PORTABLE: '1',
};
const STORY = inRepository('test/server/store/crash-story.ts');
const KILL_STORY = inRepository('test/server/store/kill-story.ts');
const FULL_DISK_STORY = inRepository('test/server/store/full-disk-story.ts');

/** How far the story had come when it was cut: steps that were done, and begun. */
function progress(operations: readonly Operation[]): { done: number; begun: number } {
  const told = operations.flatMap((operation) =>
    operation.kind === 'tell' ? [operation.text] : [],
  );
  return {
    done: told.filter((text) => text.startsWith('done')).length,
    begun: told.filter((text) => text.startsWith('begin')).length,
  };
}

function picture({ lives }: StateStart): Picture {
  const seen = (name: string) => {
    const life = lives[name];
    if (life === undefined) return 'not served';
    return life === 'enabled' ? 'enabled' : 'locked out';
  };
  const [alive, dead, revived, removed, gone] = NAMES.map(seen);
  assert.ok(alive && dead && revived && removed && gone);
  return { alive, dead, revived, removed, gone };
}

/** Each client is as before the step that was interrupted, or as after it; and stays so. */
async function assertOldOrNew(directory: string, operations: readonly Operation[], what: string) {
  const { done, begun } = progress(operations);
  const [before, after] = [PICTURES[done], PICTURES[begun]];
  assert.ok(before !== undefined && after !== undefined);
  let first: Picture;
  {
    using start = await StateStart.at(directory, CONF, { at: 3 });
    assert.deepEqual(start.state.content.problems, [], what);
    first = picture(start);
    for (const name of NAMES) {
      const allowed: readonly string[] = [before[name], after[name]];
      assert.ok(
        allowed.includes(first[name]),
        `${what}: ${name} is ${first[name]}, not ${allowed}`,
      );
    }
    start.settle();
  }
  using again = await StateStart.at(directory, CONF, { at: 4 });
  assert.deepEqual(picture(again), first, `${what}: another start sees something else`);
}

describe('F2: old or new, never half', () => {
  test('kill -9 at every write point', requires('strace'), async () => {
    await using dir = await TempDir.create();
    const operations = await traceWrites(STORY);
    assert.equal(progress(operations).done, PICTURES.length - 1);
    assert.ok(operations.length > 100);
    const disk = new VirtualDisk();
    for (const [index, operation] of operations.entries()) {
      disk.do(operation);
      if (operation.kind === 'tell' || operation.kind === 'sync') continue;
      disk.writeKilled(dir.join('state'));
      const until = operations.slice(0, index + 1);
      await assertOldOrNew(dir.join('state'), until, `killed after operation ${index}`);
    }
  });

  test('the power fails at every write point', requires('strace'), async () => {
    await using dir = await TempDir.create();
    const operations = await traceWrites(STORY);
    for (let round = 0; round < ROUNDS; round++) {
      const random = new Random(round);
      const disk = new VirtualDisk();
      for (const [index, operation] of operations.entries()) {
        disk.do(operation);
        disk.writeStopped(dir.join('state'), () => random.below(2) === 1);
        const until = operations.slice(0, index + 1);
        const what = `power failed after operation ${index}, round ${round}`;
        await assertOldOrNew(dir.join('state'), until, what);
      }
    }
  });

  describe('kill -9 at random moments', { concurrency: true }, () => {
    for (const seed of [1, 2]) {
      test(`in ${KILLS * ROUNDS} starts, one after another (${seed})`, LONG, async () => {
        await using dir = await TempDir.create();
        await assertOldOrNewAfterKills(dir.join('state'), new Random(seed));
      });
    }
  });

  test('a disk that fills at any write', requires('root', 'namespaces'), async () => {
    await using dir = await TempDir.create();
    const mount = dir.join('small');
    await mkdir(mount);
    const script = 'mount -t tmpfs -o size=2m,mode=700 none "$1" && shift && exec "$@"';
    await succeed(
      '/usr/bin/unshare',
      [
        ...['--mount', 'sh', '-c', script, 'sh', mount],
        ...[process.execPath, FULL_DISK_STORY, mount, dir.join('outside'), `${ROUNDS}`],
      ],
      { timeout: 100_000 },
    );
  });
});

/** Starts on the same state again and again, each killed at another moment. */
async function assertOldOrNewAfterKills(directory: string, random: Random): Promise<void> {
  let durable = new Map<string, string>(KILL_NAMES.map((name) => [name, 'enabled']));
  for (let round = 0; round < KILLS * ROUNDS; round++) {
    const story = [KILL_STORY, directory, `${round}`];
    const program = RunningProgram.start(process.execPath, story, { env: COMPILED });
    const lines = await killedAtRandom(program, random);
    const possible = new Map<string, (string | undefined)[]>(
      KILL_NAMES.map((name) => [name, [durable.get(name)]]),
    );
    for (const line of lines) {
      const [, what, name = '', life] = line.split(' ');
      if (what === 'begin') possible.get(name)?.push(life);
      // What was begun first is done first; the state before it is over.
      if (what === 'done') possible.get(name)?.shift();
    }
    using start = await StateStart.at(directory, KILL_CONF, { at: 11 + round });
    assert.deepEqual(start.state.content.problems, []);
    durable = new Map();
    for (const name of KILL_NAMES) {
      const life = start.lives[name] === 'enabled' ? 'enabled' : 'disabled';
      const allowed = possible.get(name) ?? [];
      assert.ok(allowed.includes(life), `round ${round}: ${name} is ${life}, not ${allowed}`);
      durable.set(name, life);
    }
  }
}

/** Kills the program while it opens the state or later, whatever it is doing; returns its lines. */
async function killedAtRandom(program: RunningProgram, random: Random): Promise<string[]> {
  await using killed = program;
  const opening = random.below(4) === 0;
  await killed.waitForLine(opening ? /^0 opening$/ : new RegExp(`^${1 + random.below(60)} `));
  await setTimeout(random.below(opening ? 40 : 3));
  killed.kill('SIGKILL');
  await killed.exit;
  return killed.stdout.toString('utf8').split('\n');
}
