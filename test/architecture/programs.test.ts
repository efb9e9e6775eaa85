import assert from 'node:assert/strict';
import { accessSync, constants, readFileSync } from 'node:fs';
import test from 'node:test';
import { inRepository } from '../support/repository.ts';

/** The names in the table of src/main.ts. */
function programs(): string[] {
  const source = readFileSync(inRepository('src/main.ts'), 'utf8');
  const table = /PROGRAMS\b[\s\S]*?= \{([\s\S]*?)\n?\};/.exec(source)?.[1] ?? '';
  return Array.from(table.matchAll(/^\s*'?([\w-]+)'?:/gm), ([, name = '']) => name);
}

test('every program can be run from bin/ by its name', () => {
  const names = programs();
  assert.notEqual(names.length, 0);
  for (const name of names) {
    const path = inRepository(`bin/${name}`);
    accessSync(path, constants.X_OK);
    assert.match(readFileSync(path, 'utf8'), new RegExp(`/src/main\\.ts" ${name} "\\$@"\\n$`));
  }
});
