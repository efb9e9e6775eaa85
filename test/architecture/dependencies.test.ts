import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import test from 'node:test';
import { inRepository } from '../support/repository.ts';

test('ARCHITECTURE.md gives a reason for every dependency', () => {
  const manifest = JSON.parse(readFileSync(inRepository('package.json'), 'utf8'));
  const { dependencies, devDependencies, optionalDependencies } = manifest;
  const text = readFileSync(inRepository('ARCHITECTURE.md'), 'utf8');
  const names = Object.keys({ ...dependencies, ...devDependencies, ...optionalDependencies });
  assert.deepEqual(
    names.filter((name) => !text.includes(`\`${name}\``)),
    [],
  );
});
