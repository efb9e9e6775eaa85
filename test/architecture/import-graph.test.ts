import assert from 'node:assert/strict';
import test from 'node:test';
import { findCycle, importsOf, resolveImport, withoutComments } from './import-graph.ts';

test('every form of import is found', () => {
  const code = `
import process from 'node:process';
import { a, type B } from './value.ts';
import type { C } from './type.ts';
import { type D, type E } from './types.ts';
import './side-effect.ts';
import * as all from './all.ts';
import {
  long,
  list,
} from './long.ts';
export { f } from './re-export.ts';
export * from './re-export-all.ts';
export type { G } from './re-export-type.ts';
const late = () => import('./late.ts');
export const text = 'not from here';
export function from(path = 'x') {}
`;
  assert.deepEqual(
    importsOf(code).map(({ specifier, typeOnly }) => `${specifier}${typeOnly ? ' (type)' : ''}`),
    [
      'node:process',
      './value.ts',
      './type.ts (type)',
      './types.ts (type)',
      './side-effect.ts',
      './all.ts',
      './long.ts',
      './re-export.ts',
      './re-export-all.ts',
      './re-export-type.ts (type)',
      './late.ts',
    ],
  );
});

test('what stands in a comment is no import', () => {
  const code = withoutComments(`/** import './a.ts' */
// import './b.ts'
const url = 'http://x'; // import('./c.ts')
  /*
import './d.ts'
*/
`);
  assert.deepEqual(importsOf(code), []);
  assert.match(code, /http:\/\/x/);
});

test('relative names are resolved, others are not', () => {
  assert.equal(resolveImport('src/a/b.ts', '../c/d.ts'), 'src/c/d.ts');
  assert.equal(resolveImport('src/a/b.ts', 'node:fs'), undefined);
});

test('a cycle is found and its way told', () => {
  const file = (path: string, specifier: string) => ({
    path,
    code: '',
    imports: [{ specifier, typeOnly: true }],
  });
  const files = [
    file('src/a.ts', './b.ts'),
    file('src/b.ts', './c.ts'),
    file('src/c.ts', './b.ts'),
  ];
  assert.deepEqual(findCycle(files), ['src/b.ts', 'src/c.ts', 'src/b.ts']);
  assert.equal(findCycle(files.slice(0, 2)), undefined);
});
