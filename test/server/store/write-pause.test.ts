import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { LedgerChange } from '../../../src/core/ledger-entry.ts';
import { Store } from '../../../src/server/store/store.ts';
import { RecordingLog } from '../../support/recording-log.ts';
import { TempDir } from '../../support/temp-dir.ts';
import { storedAt } from './state-world.ts';

const ROUNDS = 10;
const LOCK_OUT: LedgerChange = { kind: 'locked-out', reason: 'operator' };

describe('the store', () => {
  test('writes twenty times a second at most, but a lock-out at once', async () => {
    await using dir = await TempDir.create();
    const { store } = await Store.open({
      directory: dir.join('state'),
      now: () => storedAt(1),
      log: new RecordingLog(),
    });
    await using _store = store;
    const ordinary = await timeOf(store, null);
    const urgent = await timeOf(store, LOCK_OUT);
    // The first of each kind may come long after the last write.
    assert.ok(ordinary >= (ROUNDS - 1) * 49, `${ROUNDS} changes took ${ordinary} ms`);
    assert.ok(urgent < ordinary, `${ROUNDS} lock-outs took ${urgent} ms`);
  });

  test('makes what waits for its turn durable with a lock-out, or when it closes', async () => {
    await using dir = await TempDir.create();
    const { store } = await Store.open({
      directory: dir.join('state'),
      now: () => storedAt(1),
      log: new RecordingLog(),
    });
    const save = (name: string, ledger: LedgerChange | null): Promise<void> =>
      store.save([{ name, row: null, ledger }]);
    await save('first', null);
    const order: string[] = [];
    const waiting = save('second', null).then(() => order.push('second'));
    const strict = save('third', LOCK_OUT).then(() => order.push('third'));
    await Promise.all([waiting, strict]);
    const last = save('fourth', null).then(() => order.push('fourth'));
    await store[Symbol.asyncDispose]();
    await last;
    assert.deepEqual(order.toSorted(), ['fourth', 'second', 'third']);
    assert.equal(order.at(-1), 'fourth');
  });
});

/** How long so many changes take, one after another, in milliseconds. */
async function timeOf(store: Store, ledger: LedgerChange | null): Promise<number> {
  const start = performance.now();
  for (let round = 0; round < ROUNDS; round++) {
    await store.save([{ name: 'client', row: null, ledger }]);
  }
  return performance.now() - start;
}
