import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { ClientPaths } from '../../src/server/bus/client-paths.ts';

test('names become paths as in the original', () => {
  const paths = new ClientPaths();
  assert.equal(paths.path('foo'), '/clients/foo');
  assert.equal(paths.path('www.example-1.org'), '/clients/www_example_1_org');
  assert.equal(paths.path('a_B9'), '/clients/a_B9');
});

test('other characters are made valid', () => {
  const paths = new ClientPaths();
  assert.equal(paths.path('a b'), '/clients/a_20b');
  assert.equal(paths.path('/'), '/clients/_2f');
  assert.equal(paths.path('é'), '/clients/_c3_a9');
  assert.equal(paths.path(''), '/clients/_');
});

test('two names never share a path, whatever they are', () => {
  const name = fc.oneof(
    fc.string({ unit: fc.constantFrom('a', '.', '-', '_', '2', ' ', 'é') }),
    fc.string({ unit: 'binary' }),
  );
  fc.assert(
    fc.property(fc.uniqueArray(name, { maxLength: 50 }), (names) => {
      const paths = new ClientPaths();
      const made = names.map((one) => paths.path(one));
      assert.equal(new Set(made).size, names.length);
      for (const [index, path] of made.entries()) {
        assert.match(path, /^\/clients\/[A-Za-z0-9_]+$/);
        assert.equal(paths.name(path), names[index]);
        assert.equal(paths.path(names[index] ?? ''), path);
      }
    }),
  );
});
