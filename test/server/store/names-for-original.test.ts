import assert from 'node:assert/strict';
import { test } from 'node:test';
import { unfitName } from '../../../src/server/store/names-for-original.ts';

test('a name is unfit when the original cannot make a path of it, or has it already', () => {
  assert.equal(unfitName([]), null);
  assert.equal(unfitName(['a', 'A', 'a.b', 'a-c', '1', 'x'.repeat(300), 'a/b']), null);
  for (const name of ['a b', 'ünï', '50%', 'a@b', 'a//b', '/a', 'a/']) {
    assert.equal(unfitName(['alive', name]), name);
  }
  assert.equal(unfitName(['a.b', 'a-b']), 'a-b');
  assert.equal(unfitName(['a_b', 'a.b']), 'a.b');
});
