/** The state directory: private, one server's alone, compacted when its ledger is long. */
import assert from 'node:assert/strict';
import { chmodSync, readdirSync, statSync } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import process from 'node:process';
import { DatabaseSync } from 'node:sqlite';
import { describe, test } from 'node:test';
import { silentLog } from '../../../src/core/log.ts';
import { openState } from '../../../src/server/store/open-state.ts';
import { Store } from '../../../src/server/store/store.ts';
import { makeFifo } from '../../support/fifo.ts';
import { TempDir } from '../../support/temp-dir.ts';
import { confOf, StateStart, storedAt } from './state-world.ts';

const CONF = confOf('foo', 'bar');

describe('the state directory', () => {
  test('and everything in it is private, under any umask (S1)', async () => {
    await using dir = await TempDir.create();
    const before = process.umask(0);
    try {
      const state = dir.join('state');
      using start = await StateStart.at(state, CONF);
      start.settle();
      assert.equal(statSync(state).mode & 0o777, 0o700);
      const entries = readdirSync(state, { recursive: true, withFileTypes: true });
      assert.ok(entries.length >= 5);
      for (const entry of entries) {
        const mode = statSync(join(entry.parentPath, entry.name)).mode & 0o777;
        assert.equal(mode, entry.isDirectory() ? 0o700 : 0o600, entry.name);
      }
    } finally {
      process.umask(before);
    }
  });

  test('in which others may write is refused', async () => {
    await using dir = await TempDir.create();
    chmodSync(dir.path, 0o777);
    assert.throws(() => openState(dir.path, storedAt(0)), { code: 'file-unwritable' });
  });

  for (const name of ['clients.pickle', 'store-1/ledger', 'store-1/clients.sqlite']) {
    test(`keeps nobody waiting when ${name} is a FIFO, and revives nobody`, async () => {
      await using dir = await TempDir.create();
      const state = dir.join('state');
      if (name === 'clients.pickle') await mkdir(state, { mode: 0o700 });
      else (await StateStart.at(state, CONF)).settle()[Symbol.dispose]();
      await rm(join(state, name), { force: true });
      await makeFifo(dir, join('state', name));
      const opening = Store.open({ directory: state, now: () => storedAt(1), log: silentLog });
      if (name !== 'clients.pickle') {
        await assert.rejects(opening, { name: 'MandosError' });
        return;
      }
      const { store, content } = await opening;
      await using _store = store;
      assert.equal(content.complete, false);
      assert.match(content.problems.join(), /not a regular file: all clients are locked out/);
    });
  }

  test('of a running server is refused to a second one, and nothing in it changes', async () => {
    await using dir = await TempDir.create();
    const state = dir.join('state');
    using first = await StateStart.at(state, CONF);
    first.settle();
    const opening = Store.open({ directory: state, now: () => storedAt(1), log: silentLog });
    await assert.rejects(opening, { name: 'MandosError', hint: /another mandos server/ });
    assert.deepEqual(readdirSync(state).toSorted(), ['state-of-mandos', 'store-1']);
    first.lockOut('foo');
  });

  for (const field of ['boot', 'wall', 'ledgerLength']) {
    test(`believes no last sign of life whose ${field} is not what was written`, async () => {
      await using dir = await TempDir.create();
      const state = dir.join('state');
      (await StateStart.at(state, CONF)).settle()[Symbol.dispose]();
      {
        using database = new DatabaseSync(join(state, 'store-1', 'clients.sqlite'));
        const set = `UPDATE sign SET body = replace(body, '"${field}":', '"${field}":1')`;
        assert.equal(database.prepare(set).run().changes, 1);
      }
      using again = await StateStart.at(state, CONF, { at: 1 });
      assert.deepEqual(again.lives, { foo: 'state-lost', bar: 'state-lost' });
      assert.match(again.told, /the last sign of life is lost/);
    });
  }

  test('may have what is not the server’s in it, which is no past and is left alone', async () => {
    await using dir = await TempDir.create();
    const state = dir.join('state');
    await mkdir(state, { mode: 0o700 });
    const foreign = [
      'lost+found',
      'store-7.bak',
      'my-store-8',
      'store-09',
      'old-ledger-',
      'store-0',
    ];
    for (const name of foreign) await mkdir(join(state, name));
    for (const at of [0, 1]) {
      using start = await StateStart.at(state, CONF, { at });
      assert.deepEqual(start.lives, { foo: 'enabled', bar: 'enabled' });
      assert.equal(start.told, '');
      start.settle();
      const own = ['state-of-mandos', 'store-1'];
      assert.deepEqual(readdirSync(state).toSorted(), [...foreign, ...own].toSorted());
    }
  });

  test('loses no knowledge when its ledger is compacted', async () => {
    await using dir = await TempDir.create();
    const state = dir.join('state');
    {
      using first = await StateStart.at(state, CONF);
      first.settle();
      for (let i = 0; i < 100; i++) {
        first.lockOut('foo');
        first.enable('foo');
      }
      first.lockOut('foo', 'operator');
    }
    const { content, ledger, database } = openState(state, storedAt(1), 1000);
    assert.ok(ledger.length < 1000);
    assert.deepEqual(content.known.get('foo'), {
      ...{ name: 'foo', standing: 'locked-out', reason: 'operator', entries: 202 },
    });
    assert.deepEqual(content.rows.get('foo')?.client.ledgerEntries, 202);
    ledger[Symbol.dispose]();
    database[Symbol.dispose]();
    assert.deepEqual(readdirSync(state).toSorted(), ['old-ledger-1', 'state-of-mandos', 'store-2']);
    using again = await StateStart.at(state, CONF, { at: 2 });
    assert.deepEqual(again.lives, { foo: 'operator', bar: 'enabled' });
  });
});
