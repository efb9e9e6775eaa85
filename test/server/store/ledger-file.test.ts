/** The ledger's file: space for every lock-out, and nothing left of writes that failed (F1, F2). */
import assert from 'node:assert/strict';
import fs, { closeSync, openSync, readFileSync, statSync, writeSync } from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { describe, mock, test } from 'node:test';
import type { LedgerChange } from '../../../src/core/ledger-entry.ts';
import { LedgerFile } from '../../../src/server/store/ledger-file.ts';
import { encodeRecord, readLedger } from '../../../src/server/store/ledger-format.ts';
import type { LedgerRecord } from '../../../src/server/store/ledger-record.ts';
import { TempDir } from '../../support/temp-dir.ts';

const BEGUN: LedgerRecord = {
  ...{ kind: 'begun', store: 'a store', at: 1 },
  ...{ origin: 'first start', complete: true },
};
const ADDED: LedgerChange = { kind: 'added', enabled: true };
const LOCKED_OUT: LedgerChange = { kind: 'locked-out', reason: 'timeout-shortened' };
const ENABLED: LedgerChange = { kind: 'enabled', by: 'd-bus' };
/** Together their lock-outs take more than the file grows by at a time. */
const NAMES = Array.from({ length: 500 }, (_, index) => `"ü\\${index}`.padEnd(index, '"'));
const SECTOR = 512;

function changes(change: LedgerChange, ...names: readonly string[]): LedgerRecord {
  const at = Date.UTC(2999, 0);
  return { kind: 'changes', entries: names.map((name) => ({ name, at, change })) };
}

function newLedger(path: string): LedgerFile {
  LedgerFile.create(path, [BEGUN]);
  return openLedger(path);
}

function openLedger(path: string): LedgerFile {
  const { ledger } = LedgerFile.open(path);
  assert.ok(ledger !== null);
  return ledger;
}

/** A `node:fs` whose `fdatasync` fails while `act` runs, as on a disk that does. */
function withFailingDisk(act: () => void): void {
  const failing = mock.method(fs, 'fdatasyncSync', () => {
    throw new Error('EIO');
  });
  syncBuiltinESMExports();
  try {
    act();
  } finally {
    failing.mock.restore();
    syncBuiltinESMExports();
  }
}

describe('the file of a ledger', () => {
  test('has the space for the lock-out of everybody alive', async () => {
    await using dir = await TempDir.create();
    const path = dir.join('ledger');
    using ledger = newLedger(path);
    ledger.append(changes(ADDED, ...NAMES));
    for (const round of [1, 2]) {
      const { size, blocks } = statSync(path);
      // One record for each takes the most.
      for (const name of NAMES) ledger.append(changes(LOCKED_OUT, name));
      assert.deepEqual([statSync(path).size, statSync(path).blocks], [size, blocks], `${round}`);
      ledger.append(changes(ENABLED, ...NAMES));
    }
  });

  test('keeps that space when it is opened again', async () => {
    await using dir = await TempDir.create();
    const path = dir.join('ledger');
    {
      using ledger = newLedger(path);
      ledger.append(changes(ADDED, ...NAMES));
    }
    using ledger = openLedger(path);
    // Everything else leaves it untouched: the file grows for it.
    const other = 'x'.repeat(10_000);
    for (let round = 0; round < 50; round++) ledger.append(changes(LOCKED_OUT, other));
    const { size } = statSync(path);
    for (const name of NAMES) ledger.append(changes(LOCKED_OUT, name));
    assert.equal(statSync(path).size, size);
  });

  test('holds nothing of a torn line once the next one is written', async () => {
    await using dir = await TempDir.create();
    const path = dir.join('ledger');
    newLedger(path)[Symbol.dispose]();
    const { end, link } = readLedger(readFileSync(path));
    const { line } = encodeRecord(link, changes(ADDED, ...NAMES.slice(0, 20)), end);
    line.fill(0, SECTOR - end, 2 * SECTOR - end);
    const descriptor = openSync(path, 'r+');
    writeSync(descriptor, line, 0, line.length, end);
    closeSync(descriptor);
    assert.equal(readLedger(readFileSync(path)).state.kind, 'torn');
    using ledger = openLedger(path);
    ledger.append(changes(LOCKED_OUT, 'foo'));
    const { state, records } = readLedger(readFileSync(path));
    assert.deepEqual(state, { kind: 'whole' });
    assert.deepEqual(records, [BEGUN, changes(LOCKED_OUT, 'foo')]);
  });

  test('holds nothing of a write that failed once another one is done', async () => {
    await using dir = await TempDir.create();
    const path = dir.join('ledger');
    using ledger = newLedger(path);
    withFailingDisk(() => {
      assert.throws(() => ledger.append(changes(ADDED, ...NAMES)), /EIO/);
    });
    ledger.append(changes(LOCKED_OUT, 'foo'));
    ledger.append(changes(ENABLED, 'foo'));
    const { state, records } = readLedger(readFileSync(path));
    assert.deepEqual(state, { kind: 'whole' });
    assert.deepEqual(records, [BEGUN, changes(LOCKED_OUT, 'foo'), changes(ENABLED, 'foo')]);
  });
});
