import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { SortedList } from '../../../src/operator/monitor/sorted-list.ts';

const item = (key: string, value = 0) => ({ key, value });

/** Few enough different keys that many meet. */
const keys = fc.integer({ min: 0, max: 600 }).map((number) => String(number).padStart(3, '0'));

const steps = fc.array(
  fc.oneof(
    fc.record({ does: fc.constant('with' as const), key: keys, value: fc.nat() }),
    fc.record({ does: fc.constant('without' as const), key: keys }),
  ),
  { maxLength: 300 },
);

test('it is a sorted map, whatever is done to it', () => {
  fc.assert(
    fc.property(fc.array(keys, { maxLength: 500 }), steps, (first, changes) => {
      let list = SortedList.of(first.map((key) => item(key)));
      const model = new Map(first.map((key) => [key, item(key)]));
      for (const step of changes) {
        if (step.does === 'with') {
          list = list.with(item(step.key, step.value));
          model.set(step.key, item(step.key, step.value));
        } else {
          list = list.without(step.key);
          model.delete(step.key);
        }
      }
      const sorted = [...model.values()].sort((one, other) => (one.key < other.key ? -1 : 1));
      assert.deepEqual([...list], sorted);
      assert.equal(list.size, sorted.length);
      assert.deepEqual(list.slice(3, 150), sorted.slice(3, 150));
      for (const key of ['000', '299', '300', '600', '999']) {
        assert.deepEqual(list.find(key), model.get(key));
        assert.equal(list.rank(key), sorted.filter((other) => other.key < key).length);
      }
      assert.deepEqual(list.at(5), sorted[5]);
      const even = ({ key }: { key: string }) => Number(key) % 2 === 0;
      assert.deepEqual([...list.filter(even)], sorted.filter(even));
    }),
    { numRuns: 60 },
  );
});

test('what was there before a change stays as it was', () => {
  const before = SortedList.of(['a', 'c'].map((key) => item(key)));
  const changed = before.with(item('b')).with(item('a', 1)).without('c');
  assert.deepEqual([...before], [item('a'), item('c')]);
  assert.deepEqual([...changed], [item('a', 1), item('b')]);
});
