import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { instant } from '../../src/core/time.ts';
import { ExpiryQueue } from '../../src/server/expiry-queue.ts';

const steps = fc.array(
  fc.oneof(
    fc.record({
      do: fc.constant('put' as const),
      key: fc.integer({ min: 0, max: 150 }).map(String),
      expires: fc.integer({ min: 0, max: 50 }),
    }),
    fc.record({ do: fc.constant('remove' as const), key: fc.integer({ max: 150 }).map(String) }),
    fc.record({ do: fc.constant('take' as const) }),
  ),
  { maxLength: 600, size: 'max' },
);

test('whatever is put in and removed, the earliest expiry comes out, then the earliest put', () => {
  fc.assert(
    fc.property(steps, (list) => {
      const queue = new ExpiryQueue<number>();
      let model: { key: string; expires: number; turn: number }[] = [];
      for (const [turn, step] of list.entries()) {
        if (step.do === 'put') {
          queue.put(step.key, instant(step.expires), turn);
          model = model.filter(({ key }) => key !== step.key);
          model.push({ key: step.key, expires: step.expires, turn });
        } else if (step.do === 'remove') {
          const there = model.some(({ key }) => key === step.key);
          assert.equal(queue.remove(step.key), there);
          model = model.filter(({ key }) => key !== step.key);
        } else {
          model.sort((a, b) => a.expires - b.expires || a.turn - b.turn);
          assert.equal(queue.take(), model.shift()?.turn);
        }
        assert.equal(queue.size, model.length);
      }
      model.sort((a, b) => a.expires - b.expires || a.turn - b.turn);
      for (const { turn } of model) assert.equal(queue.take(), turn);
      assert.equal(queue.take(), undefined);
    }),
    { numRuns: 60 },
  );
});

test('a queue that was cleared is empty', () => {
  const queue = new ExpiryQueue<string>();
  queue.put('a', instant(1), 'a');
  queue.clear();
  assert.equal(queue.size, 0);
  assert.equal(queue.take(), undefined);
});
