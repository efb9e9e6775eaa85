/** What becomes of changes that could not be written, and in which order they are (F1, F2). */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { LedgerChange, LedgerEntry } from '../../../src/core/ledger-entry.ts';
import {
  jobOf,
  type PendingChange,
  putBack,
  takeSome,
  type Waiter,
  withoutStrict,
} from '../../../src/server/store/pending-changes.ts';
import type { Row } from '../../../src/server/store/row-format.ts';
import { TempDir } from '../../support/temp-dir.ts';
import { confOf, StateStart, storedAt } from './state-world.ts';

const ADDED: LedgerChange = { kind: 'added', enabled: true };
const LOCKED_OUT: LedgerChange = { kind: 'locked-out', reason: 'expired' };
const ENABLED: LedgerChange = { kind: 'enabled', by: 'd-bus' };

function entry(name: string, change: LedgerChange): LedgerEntry {
  return { name, at: 1, change };
}

/** A waiter that keeps what it is told in `told`. */
function waiter(name: string, strict: boolean, told: string[] = []): Waiter {
  return { strict, settle: (error) => told.push(error === null ? name : `${name} failed`) };
}

/** Two rows of one client. */
async function twoRows(): Promise<[older: Row, newer: Row]> {
  await using dir = await TempDir.create();
  using start = await StateStart.at(dir.join('state'), confOf('foo'));
  const client = start.settle().rowOf('foo');
  return [1, 2].map((ledgerEntries) => ({
    client: { ...client, ledgerEntries },
    sealed: null,
  })) as [Row, Row];
}

function change(parts: Partial<PendingChange>): PendingChange {
  return { row: undefined, entries: [], waiters: [], ...parts };
}

describe('changes that could not be written', () => {
  test('go in front of those asked for since, whose rows win', async () => {
    const [older, newer] = await twoRows();
    const [first, second] = [waiter('first', false), waiter('second', true)];
    const failed = change({ row: older, entries: [entry('foo', ADDED)], waiters: [first] });
    const since = { entries: [entry('foo', LOCKED_OUT)], waiters: [second] };
    const together = {
      entries: [entry('foo', ADDED), entry('foo', LOCKED_OUT)],
      waiters: [first, second],
    };
    for (const [row, wanted] of [
      [newer, newer],
      [undefined, older],
      [null, null],
    ] as const) {
      const pending = new Map([['foo', change({ ...since, row })]]);
      putBack(pending, new Map([['foo', failed]]));
      assert.deepEqual(pending.get('foo'), { ...together, row: wanted });
    }
    const pending = new Map([['bar', change(since)]]);
    putBack(pending, new Map([['foo', failed]]));
    assert.deepEqual(
      pending,
      new Map([
        ['bar', change(since)],
        ['foo', failed],
      ]),
    );
  });

  test('keep of what the ledger has only the row and what comes after the last lock-out', async () => {
    const [row] = await twoRows();
    const told: string[] = [];
    const waiters = ['a', 'b', 'c'].map((name) => waiter(name, name !== 'b', told));
    const entries = [ADDED, LOCKED_OUT, ENABLED, LOCKED_OUT, ENABLED];
    const left = withoutStrict(
      change({ row, entries: entries.map((one) => entry('foo', one)), waiters }),
    );
    assert.deepEqual(left, { row, entries: [entry('foo', ENABLED)], waiters: [waiters[1]] });
    assert.deepEqual(told, ['a', 'c']);
  });
});

describe('what is written together', () => {
  test('is what may not wait, then the others in their order, and no more than asked for', () => {
    const pending = new Map(
      ['a', 'b', 'c', 'd'].map((name) => [
        name,
        change({ waiters: [waiter(name, false), waiter(name, name === 'c')] }),
      ]),
    );
    assert.deepEqual([...takeSome(pending, 2).keys()], ['c', 'a']);
    assert.deepEqual([...takeSome(pending, 9).keys()], ['b', 'd']);
    assert.equal(pending.size, 0);
  });

  test('has what takes life, with all before it, before the rows, and the rest after them', async () => {
    const [row] = await twoRows();
    const changes = new Map([
      [
        'foo',
        change({ row, entries: [ADDED, LOCKED_OUT, ENABLED].map((one) => entry('foo', one)) }),
      ],
      ['bar', change({ row: null, entries: [entry('bar', { kind: 'removed' })] })],
      ['new', change({ entries: [entry('new', ADDED)] })],
    ]);
    assert.deepEqual(jobOf(changes, true, storedAt(5)), {
      strict: [entry('foo', ADDED), entry('foo', LOCKED_OUT), entry('bar', { kind: 'removed' })],
      rows: new Map([
        ['foo', row],
        ['bar', null],
      ]),
      loose: [entry('foo', ENABLED), entry('new', ADDED)],
      complete: true,
      sign: storedAt(5),
    });
  });
});
