/** The original ran between two runs of ours: the stricter of the two states counts (F1). */
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { ledgerLines } from '../../../src/server/store/ledger-text.ts';
import { openState } from '../../../src/server/store/open-state.ts';
import { putUpBarrier } from '../../../src/server/store/original-file.ts';
import { Random } from '../../fuzz/random.ts';
import { inRepository } from '../../support/repository.ts';
import { requires } from '../../support/requirements.ts';
import { TempDir } from '../../support/temp-dir.ts';
import { type LifeThere, originalLeaves } from './original-world.ts';
import { confOf, StateStart, sectionText, storedAt } from './state-world.ts';
import { CONF } from './take-back-story.ts';
import { VirtualDisk } from './virtual-disk.ts';
import { traceWrites } from './write-trace.ts';

const HERE = ['alive', 'locked-out', 'removed', 'unknown'] as const;
const THERE = ['alive', 'dead', 'expired', 'removed', 'absent'] as const;
const PAIRS = HERE.flatMap((here) => THERE.map((there) => [here, there] as const));
const nameOf = (here: string, there: string): string => `${here} ${there}`;

/** By `here there`; who is not in it is not served. */
const EXPECTED: Readonly<Record<string, string>> = {
  'alive alive': 'enabled',
  'alive dead': 'expired',
  'alive expired': 'expired',
  'alive absent': 'enabled',
  'locked-out alive': 'operator',
  'locked-out dead': 'operator',
  'locked-out expired': 'operator',
  'locked-out absent': 'operator',
  'unknown alive': 'enabled',
  'unknown dead': 'expired',
  'unknown expired': 'expired',
  'unknown absent': 'enabled',
};

function sections(pairs: readonly (readonly [string, string])[]): string {
  return pairs
    .map(([here, there]) =>
      sectionText(nameOf(here, there), PAIRS.findIndex((p) => p[0] === here && p[1] === there) + 1),
    )
    .join('');
}

/** A state of ours with every life, and a pickle with every other beside it. */
async function bothStates(state: string): Promise<void> {
  using first = await StateStart.at(state, sections(PAIRS.filter(([here]) => here !== 'unknown')));
  first.settle();
  for (const [here, there] of PAIRS) {
    if (here === 'locked-out') first.lockOut(nameOf(here, there), 'operator');
    if (here === 'removed') first.remove(nameOf(here, there));
  }
  originalLeaves(
    state,
    10,
    Object.fromEntries(
      PAIRS.flatMap(([here, there]): [string, LifeThere][] =>
        there === 'absent' ? [] : [[nameOf(here, there), there]],
      ),
    ),
  );
}

const one = confOf('alive', 'other');

/** A state in which both live. */
async function livingState(state: string): Promise<void> {
  using start = await StateStart.at(state, one);
  start.settle();
}

describe('a clients.pickle that is neither the one that was read nor the one that was written', () => {
  test('locks out whom it has locked out, and enables nobody', async () => {
    await using dir = await TempDir.create();
    const state = dir.join('state');
    await bothStates(state);
    {
      using start = await StateStart.at(state, sections(PAIRS), { at: 20 });
      assert.deepEqual(start.lives, EXPECTED);
      assert.match(start.told, /the original's server ran since; .*clients\.pickle' was read/);
      assert.match(
        start.told,
        /alive there and locked out here: "locked-out alive"; mandos-ctl --enable/,
      );
      const row = start.state.content.rows.get('locked-out alive');
      assert.equal(row?.client.settings.host, 'of the original');
      start.settle();
    }
    const lines = ledgerLines(state).join('\n');
    assert.match(lines, /"alive dead" locked out \(expired\)\n/);
    assert.match(lines, /"alive removed" removed\n/);
    assert.match(lines, /\n2026-06-01T00:00:20\.000Z {2}clients\.pickle read\n/);
    using again = await StateStart.at(state, sections(PAIRS), { at: 30 });
    assert.deepEqual(again.lives, EXPECTED);
    assert.doesNotMatch(again.told, /the original/);
  });

  test('counts once: what an operator enables afterwards stays so, also when the ledger is compacted', async () => {
    await using dir = await TempDir.create();
    const state = dir.join('state');
    await livingState(state);
    originalLeaves(state, 10, { alive: 'alive', other: 'dead' });
    {
      using start = await StateStart.at(state, one, { at: 20 });
      assert.deepEqual(start.settle().alive, ['alive']);
      start.enable('other');
      for (let i = 0; i < 100; i++) {
        start.lockOut('alive');
        start.enable('alive');
      }
    }
    const { content, ledger, database } = openState(state, storedAt(30), 1000);
    ledger[Symbol.dispose]();
    database[Symbol.dispose]();
    assert.deepEqual(content.notices, []);
    using again = await StateStart.at(state, one, { at: 40 });
    assert.deepEqual(again.alive, ['alive', 'other']);
  });

  test('leaves a lease as long as it was there', async () => {
    await using dir = await TempDir.create();
    const state = dir.join('state');
    await livingState(state);
    const days = 10 * 86_400;
    originalLeaves(state, days, { alive: 'alive', other: 'expired' });
    using start = await StateStart.at(state, one, { at: days + 60 });
    assert.deepEqual(start.lives, { alive: 'enabled', other: 'expired' });
  });

  test('gives no life to those whose lease had ended here before', async () => {
    await using dir = await TempDir.create();
    const state = dir.join('state');
    {
      using start = await StateStart.at(state, one);
      start.settle();
      const life = { kind: 'enabled', left: 1000, graceUsed: true } as const;
      start.write([{ name: 'other', row: { ...start.rowOf('other'), life }, ledger: null }]);
      const later = { ...start.job([]), sign: storedAt(5) };
      start.state.database.commit({
        rows: new Map(),
        sign: {
          store: start.state.store,
          moment: later.sign,
          ledgerLength: start.state.ledger.length,
        },
      });
    }
    originalLeaves(state, 10, { alive: 'alive', other: 'alive' });
    using start = await StateStart.at(state, one, { at: 20 });
    assert.deepEqual(start.lives, { alive: 'enabled', other: 'expired' });
  });

  for (const [what, put] of [
    ['is garbage', (path: string) => writeFileSync(path, 'garbage')],
    ['is a directory', (path: string) => mkdirSync(path)],
    ['is empty', (path: string) => writeFileSync(path, '')],
  ] as const) {
    test(`locks all out, those unknown too, when it ${what}; once`, async () => {
      await using dir = await TempDir.create();
      const state = dir.join('state');
      await livingState(state);
      put(`${state}/clients.pickle`);
      const conf = one + sectionText('newcomer', 3);
      {
        using start = await StateStart.at(state, conf, { at: 20 });
        assert.deepEqual(start.alive, []);
        assert.match(
          start.told,
          /clients\.pickle.* all clients are locked out; to go on, .*--enable/,
        );
        start.settle().enable('other');
      }
      using again = await StateStart.at(state, conf + sectionText('later', 4), { at: 30 });
      assert.deepEqual(again.alive, ['other', 'later']);
    });
  }

  test('is read before the one that was put aside for a barrier, and that one behind a barrier', async () => {
    await using dir = await TempDir.create();
    const state = dir.join('state');
    await livingState(state);
    originalLeaves(state, 10, { alive: 'alive', other: 'dead' });
    putUpBarrier(state);
    putUpBarrier(state);
    assert.match(readFileSync(`${state}/clients.pickle`, 'utf8'), /^# mandos: .* barrier/);
    using start = await StateStart.at(state, one, { at: 20 });
    assert.deepEqual(start.lives, { alive: 'enabled', other: 'expired' });
  });

  test('that is a barrier lets nobody in at a first start', async () => {
    await using dir = await TempDir.create();
    const state = dir.join('state');
    await livingState(state);
    putUpBarrier(state);
    mkdirSync(dir.join('bare'), { mode: 0o700 });
    renameSync(`${state}/clients.pickle`, dir.join('bare', 'clients.pickle'));
    using start = await StateStart.at(dir.join('bare'), one, { at: 20 });
    assert.deepEqual(start.alive, []);
  });

  test('brings nobody back when the store is lost beside it', async () => {
    await using dir = await TempDir.create();
    const state = dir.join('state');
    await livingState(state);
    rmSync(`${state}/store-1`, { recursive: true });
    originalLeaves(state, 10, { alive: 'alive', other: 'dead' });
    using start = await StateStart.at(state, one, { at: 20 });
    assert.deepEqual(start.lives, { alive: 'state-lost', other: 'state-lost' });
  });

  test('revives nobody wherever the power fails', requires('strace'), async () => {
    await using dir = await TempDir.create();
    const story = inRepository('test/server/store/take-back-story.ts');
    const operations = await traceWrites(story);
    const told = (text: string): number =>
      operations.findIndex((operation) => operation.kind === 'tell' && operation.text === text);
    const [left, enabled] = [told('left\n'), told('enabled\n')];
    assert.ok(0 < left && left < enabled);
    const random = new Random(1);
    const disk = new VirtualDisk();
    for (const [index, operation] of operations.entries()) {
      disk.do(operation);
      if (index < left) continue;
      disk.writeStopped(dir.join('state'), () => random.below(2) === 1);
      // Nobody has synced it; the original does not either, and it is not what is tried here.
      originalLeaves(dir.join('state'), 10, {
        ...{ alive: 'alive', dead: 'alive', fading: 'dead', newcomer: 'dead' },
      });
      using start = await StateStart.at(dir.join('state'), CONF, { at: 30 });
      const expected = index < enabled ? ['alive'] : ['alive', 'fading'];
      const risen = start.alive.filter((name) => !['alive', 'fading'].includes(name));
      assert.deepEqual(risen, [], `after operation ${index}`);
      if (index >= enabled) assert.deepEqual(start.alive, expected);
    }
  });
});
