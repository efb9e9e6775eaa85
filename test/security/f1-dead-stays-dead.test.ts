/**
 * F1: once a client is locked out, nothing but an operator enables it; not a restart, nor a
 * damaged, truncated or lost file of the store, alone or together. MANDOS_EVERY_BYTE=1 damages
 * every byte of every file instead of a sample.
 */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import process from 'node:process';
import { describe, test } from 'node:test';
import { confOf, copyState, StateStart, sectionText } from '../server/store/state-world.ts';
import { TempDir } from '../support/temp-dir.ts';

const NAMES = ['alive', 'dead', 'revived', 'removed'] as const;
const CONF = confOf(...NAMES);
const EVERY_BYTE = process.env.MANDOS_EVERY_BYTE === '1';

/**
 * A state as a crash leaves it. In its database file everybody is still enabled; that two of
 * them are not is only in the write-ahead log and in the ledger.
 */
async function crashedState(dir: TempDir): Promise<string> {
  const living = dir.join('living');
  {
    using first = await StateStart.at(living, CONF);
    first.settle();
    assert.deepEqual(first.alive, [...NAMES]);
  }
  using second = await StateStart.at(living, CONF, { at: 1 });
  second.settle();
  second.lockOut('dead');
  second.lockOut('revived');
  second.enable('revived');
  second.remove('removed');
  await copyState(living, dir.join('crashed'));
  return dir.join('crashed');
}

/** The files of the state, relative to its directory. */
function filesOf(directory: string): string[] {
  return readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(directory.length + 1))
    .toSorted();
}

const MAY_LIVE: readonly string[] = ['alive', 'revived'];

/** Who lives after a start with this state; that nobody does who is dead is asserted. */
async function startDamaged(directory: string, what: string): Promise<StateStart> {
  const start = await StateStart.at(directory, CONF, { at: 2 });
  const risen = start.alive.filter((name) => !MAY_LIVE.includes(name));
  assert.deepEqual(risen, [], `${what}: dead clients came back to life`);
  for (const { client } of start.started.clients) {
    assert.equal(client.settings.interval, 3_600_000, `${what}: half a state`);
  }
  return start;
}

describe('F1: a damaged store brings nobody back to life', () => {
  test('the state that is damaged below has something to lose', async () => {
    await using dir = await TempDir.create();
    const crashed = await crashedState(dir);
    assert.deepEqual(filesOf(crashed), [
      'state-of-mandos',
      'store-1/clients.sqlite',
      'store-1/clients.sqlite-wal',
      'store-1/ledger',
    ]);
    using start = await startDamaged(crashed, 'nothing');
    assert.deepEqual(start.lives, { alive: 'enabled', dead: 'expired', revived: 'enabled' });
    assert.match(start.told, /"removed" was removed over D-Bus/);
  });

  for (const file of [
    'state-of-mandos',
    'store-1/clients.sqlite',
    'store-1/clients.sqlite-wal',
    'store-1/ledger',
  ]) {
    test(`any byte of ${file} changed`, async () => {
      await using dir = await TempDir.create();
      const crashed = await crashedState(dir);
      const trial = dir.join('trial');
      const whole = readFileSync(join(crashed, file));
      for (const at of positions(contentLength(whole), file)) {
        for (const change of [0x01, 0xff]) {
          await copyState(crashed, trial);
          const damaged = Buffer.from(whole);
          damaged[at] = (damaged[at] ?? 0) ^ change;
          writeFileSync(join(trial, file), damaged);
          using _start = await startDamaged(trial, `byte ${at} of ${file} ^ ${change}`);
        }
      }
    });

    test(`${file} cut off anywhere`, async () => {
      await using dir = await TempDir.create();
      const crashed = await crashedState(dir);
      const trial = dir.join('trial');
      for (const length of positions(readFileSync(join(crashed, file)).length, file)) {
        await copyState(crashed, trial);
        truncateSync(join(trial, file), length);
        using _start = await startDamaged(trial, `${file} cut off at ${length}`);
      }
    });

    test(`a sector of ${file} zeroed or filled with noise`, async () => {
      await using dir = await TempDir.create();
      const crashed = await crashedState(dir);
      const trial = dir.join('trial');
      const whole = readFileSync(join(crashed, file));
      for (let at = 0; at < contentLength(whole); at += 512) {
        for (const filling of [0, 0xa5]) {
          await copyState(crashed, trial);
          const end = Math.min(at + 512, whole.length);
          writeFileSync(join(trial, file), Buffer.from(whole).fill(filling, at, end));
          using _start = await startDamaged(trial, `sector ${at} of ${file} is ${filling}`);
        }
      }
    });
  }

  test('the end of the ledger zeroed, as if it had never been written', async () => {
    await using dir = await TempDir.create();
    const crashed = await crashedState(dir);
    const trial = dir.join('trial');
    const whole = readFileSync(join(crashed, 'store-1/ledger'));
    for (let from = 0; from < contentLength(whole); from += EVERY_BYTE ? 1 : 32) {
      await copyState(crashed, trial);
      writeFileSync(join(trial, 'store-1/ledger'), Buffer.from(whole).fill(0, from));
      using start = await startDamaged(trial, `the ledger zeroed from ${from} on`);
      assert.deepEqual(start.alive, []);
      assert.match(start.told, /ledger: .*all clients are locked out/);
    }
  });

  test('any of the files lost together, but for all of them', async () => {
    await using dir = await TempDir.create();
    const crashed = await crashedState(dir);
    const trial = dir.join('trial');
    const files = filesOf(crashed);
    for (let lost = 1; lost < 2 ** files.length - 1; lost++) {
      await copyState(crashed, trial);
      const gone = files.filter((_, index) => (lost & (1 << index)) !== 0);
      for (const file of gone) rmSync(join(trial, file));
      using start = await startDamaged(trial, `without ${gone}`);
      if (gone.includes('store-1/ledger')) assert.deepEqual(start.alive, [], `without ${gone}`);
    }
  });

  test('the end of the ledger damaged together with the write-ahead log', async () => {
    await using dir = await TempDir.create();
    const crashed = await crashedState(dir);
    const trial = dir.join('trial');
    const wal = 'store-1/clients.sqlite-wal';
    const ledger = readFileSync(join(crashed, 'store-1/ledger'));
    const end = contentLength(ledger);
    const start = ledger.lastIndexOf('\n', end - 2) + 1;
    for (let at = start; at < end; at += EVERY_BYTE ? 1 : 5) {
      for (const value of [0, 10, (ledger[at] ?? 0) ^ 1]) {
        await copyState(crashed, trial);
        rmSync(join(trial, wal));
        const damaged = Buffer.from(ledger);
        damaged[at] = value;
        writeFileSync(join(trial, 'store-1/ledger'), damaged);
        using _start = await startDamaged(trial, `byte ${at} of the ledger is ${value}, no log`);
      }
    }
    for (let length = 0; length < end + 5000; length += EVERY_BYTE ? 1 : 61) {
      await copyState(crashed, trial);
      rmSync(join(trial, wal));
      truncateSync(join(trial, 'store-1/ledger'), length);
      using _start = await startDamaged(trial, `the ledger cut off at ${length}, no log`);
    }
  });

  test('an older database beside a newer ledger', async () => {
    await using dir = await TempDir.create();
    const living = dir.join('living');
    {
      using first = await StateStart.at(living, CONF);
      first.settle();
    }
    await copyState(living, dir.join('older'));
    {
      using second = await StateStart.at(living, CONF, { at: 1 });
      second.settle();
      second.lockOut('dead');
      second.remove('removed');
    }
    const database = 'store-1/clients.sqlite';
    writeFileSync(join(living, database), readFileSync(join(dir.join('older'), database)));
    using start = await startDamaged(living, 'an older database');
    assert.equal(start.lives.dead, 'expired');
  });

  test('a database of another store beside the ledger', async () => {
    await using dir = await TempDir.create();
    const crashed = await crashedState(dir);
    {
      using other = await StateStart.at(dir.join('other'), CONF);
      other.settle();
    }
    rmSync(join(crashed, 'store-1/clients.sqlite-wal'));
    const foreign = readFileSync(dir.join('other', 'store-1/clients.sqlite'));
    writeFileSync(join(crashed, 'store-1/clients.sqlite'), foreign);
    using start = await startDamaged(crashed, 'a foreign database');
    assert.deepEqual(start.alive, []);
  });

  test('damaged again and again, and repaired in between', async () => {
    await using dir = await TempDir.create();
    const crashed = await crashedState(dir);
    for (let round = 1; round <= 4; round++) {
      const store = readdirSync(crashed).find((name) => name.startsWith('store-')) ?? '';
      const file = join(crashed, store, round % 2 === 0 ? 'ledger' : 'clients.sqlite');
      writeFileSync(file, readFileSync(file).fill(0x5a, 0, 200));
      using start = await startDamaged(crashed, `round ${round}`);
      start.settle();
      assert.deepEqual(start.alive, []);
      assert.match(start.told, /locked out.*mandos-ctl --enable/);
    }
    using after = await startDamaged(crashed, 'afterwards');
    assert.deepEqual(after.alive, []);
    after.enable('dead');
    assert.equal(after.state.content.problems.length, 0);
  });
});

describe('F1: one damaged row is one client', () => {
  test('its client is locked out, the others go on, the operator is told', async () => {
    await using dir = await TempDir.create();
    const state = dir.join('state');
    {
      using first = await StateStart.at(state, CONF);
      first.settle();
    }
    const path = join(state, 'store-1/clients.sqlite');
    const bytes = readFileSync(path);
    // SQLite leaves old copies behind.
    for (let at = 0; at !== -1; at = bytes.indexOf('"name":"revived"', at + 1)) {
      if (at > 0) bytes[at + 100] = (bytes[at + 100] ?? 0) ^ 1;
    }
    writeFileSync(path, bytes);
    using start = await StateStart.at(state, CONF, { at: 1 });
    assert.deepEqual(start.lives, {
      ...{ alive: 'enabled', dead: 'enabled', removed: 'enabled' },
      revived: 'state-lost',
    });
    assert.match(start.told, /row "\\"revived\\"" is damaged.*locked out: "revived".*--enable/);
    start.settle();
  });
});

describe('F1: a first start is an empty state directory', () => {
  test('everybody in clients.conf lives then, and only then', async () => {
    await using dir = await TempDir.create();
    {
      using start = await StateStart.at(dir.join('state'), CONF);
      assert.deepEqual(start.alive, [...NAMES]);
      start.settle();
    }
    await rm(dir.join('state', 'store-1'), { recursive: true });
    using start = await StateStart.at(dir.join('state'), CONF, { at: 1 });
    assert.deepEqual(start.alive, []);
    assert.match(start.told, /is lost: all clients are locked out; to go on, .*empty the state/);
  });

  test('a state that was lost keeps even unknown names dead until clients.conf is whole', async () => {
    await using dir = await TempDir.create();
    const state = await crashedState(dir);
    rmSync(join(state, 'store-1/ledger'));
    rmSync(join(state, 'store-1/clients.sqlite'));
    const broken = `${sectionText('alive', 1)}[dead\n${sectionText('removed', 4)}`;
    {
      using start = await StateStart.at(state, broken, { at: 2 });
      assert.deepEqual(start.alive, []);
      assert.equal(start.started.complete, false);
      start.settle();
    }
    {
      using start = await StateStart.at(state, CONF, { at: 3 });
      assert.deepEqual(start.alive, []);
      assert.equal(start.started.complete, true);
      start.settle();
    }
    using start = await StateStart.at(state, `${CONF}${sectionText('newcomer', 5)}`, { at: 4 });
    assert.deepEqual(start.alive, ['newcomer']);
  });
});

/** The length without the zeros at the end. */
function contentLength(bytes: Buffer): number {
  let end = bytes.length;
  while (end > 0 && bytes[end - 1] === 0) end--;
  return end;
}

/** All positions of a small file; of others a sample that differs from file to file. */
function positions(length: number, file: string): number[] {
  const most = EVERY_BYTE ? length : 130;
  const step = Math.max(1, Math.floor(length / most));
  const first = file.length % step;
  return Array.from({ length: Math.ceil((length - first) / step) }, (_, i) => first + i * step);
}
