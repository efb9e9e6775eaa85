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
    // The first of each kind may come long after the last write.
    const [, ...ordinary] = await times(store, null);
    const [, ...urgent] = await times(store, LOCK_OUT);
    const total = ordinary.reduce((sum, time) => sum + time, 0);
    assert.ok(total >= ordinary.length * 49, `${ordinary.length} changes took ${total} ms`);
    // A slow disk holds up many; if lock-outs waited for their turn, none would be quick.
    assert.ok(Math.min(...urgent) < 45, `lock-outs took ${urgent.join(', ')} ms`);
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

/** How long each of so many changes takes, one after another, in milliseconds. */
async function times(store: Store, ledger: LedgerChange | null): Promise<readonly number[]> {
  const taken: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const start = performance.now();
    await store.save([{ name: 'client', row: null, ledger }]);
    taken.push(performance.now() - start);
  }
  return taken;
}
