import assert from 'node:assert/strict';
import test from 'node:test';
import { isLeftOver } from '../../../src/boot/runner/plugin-names.ts';
import {
  type FileStatus,
  type PluginFile,
  reasonAgainst,
} from '../../../src/boot/runner/plugin-safety.ts';

const ROOT: FileStatus = { path: '/', kind: 'directory', mode: 0o755, owner: 0 };
const DIRECTORY: FileStatus = { ...ROOT, path: '/plugins.d' };
const FILE: FileStatus = { path: '/plugins.d/foo', kind: 'file', mode: 0o755, owner: 0 };

function plugin(file: Partial<FileStatus>, ...above: FileStatus[]): PluginFile {
  return { name: 'foo', file: { ...FILE, ...file }, above };
}

for (const name of ['.foo', 'foo~', '#foo#', 'foo.dpkg-new', 'foo.dpkg-old', 'foo.dpkg-divert']) {
  test(`${name} is not meant to be a plugin`, () => assert.equal(isLeftOver(name), true));
}
for (const name of ['foo', 'foo.sh', '#foo', 'foo#', 'README', 'foo.dpkg-distrib']) {
  test(`${name} may be a plugin`, () => assert.equal(isLeftOver(name), false));
}

test('an executable file of root in places of root is fit', () => {
  assert.equal(reasonAgainst(plugin({}, DIRECTORY, ROOT), 0), null);
});

for (const [what, file, reason] of [
  ['a directory', { kind: 'directory' }, /no file/],
  ['a FIFO', { kind: 'other' }, /no file/],
  ['a file nobody may execute', { mode: 0o644 }, /not executable/],
  ['a file its group may write to', { mode: 0o775 }, /others may write/],
  ['a file everybody may write to', { mode: 0o757 }, /others may write/],
  ['a sticky file everybody may write to', { mode: 0o1777 }, /others may write/],
  ["another user's file", { owner: 7 }, /belongs to user 7/],
] as const) {
  test(`${what} is unfit (L3)`, () => {
    assert.match(reasonAgainst(plugin(file, DIRECTORY, ROOT), 0) ?? 'fit', reason);
  });
}

test('a directory above that others may write to makes it unfit (L3)', () => {
  const above = { ...DIRECTORY, mode: 0o777 };
  assert.match(reasonAgainst(plugin({}, DIRECTORY, above, ROOT), 0) ?? 'fit', /others may write/);
  assert.equal(reasonAgainst(plugin({}, DIRECTORY, { ...above, mode: 0o1777 }, ROOT), 0), null);
});

test('what belongs to the user who runs it is fit', () => {
  assert.equal(reasonAgainst(plugin({ owner: 7 }, { ...DIRECTORY, owner: 7 }, ROOT), 7), null);
});
