/** What README.md says besides the first machine: its commands for developers, its messages. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import test from 'node:test';
import { inRepository } from '../support/repository.ts';
import { codeBlocks, readmeText } from './readme.ts';

/** Where each command for developers is run. */
const RUN_BY: Readonly<Record<string, string>> = {
  'npm run demo': 'test/programs/demo.test.ts',
  'npm test': '.ci/run',
  'npm run test:vm': '.ci/run',
  'npm run deb': 'test/packaging/first-machine.test.ts',
  'npm run check': 'scripts/test',
  'npm run bench': 'test/packaging/developer-commands.test.ts',
  'npm run fuzz': 'test/packaging/developer-commands.test.ts',
  'npm run build': 'scripts/deb',
};

test('every command for developers is there', () => {
  const { scripts } = JSON.parse(readFileSync(inRepository('package.json'), 'utf8'));
  for (const { machine, lines } of codeBlocks()) {
    if (machine !== 'developer') continue;
    for (const line of lines) {
      const name = line.replace(/^npm (run )?/, '');
      assert.ok(Object.hasOwn(scripts, name), line);
      const place = RUN_BY[line];
      assert.ok(place !== undefined, `${line} is run by nothing`);
      readFileSync(inRepository(place));
    }
  }
});

test('every block is for a machine of the story', () => {
  const machines = codeBlocks().map(({ machine }) => machine);
  assert.deepEqual(new Set(machines), new Set(['developer', 'vault', 'server', 'moving']));
});

test('every message of the table is one that a program gives', () => {
  const [, section = ''] = readmeText().split('## When it does not work');
  const rows = section.matchAll(/^\| `([^`]+)` \|/gm);
  const messages = Array.from(rows, ([, message = '']) => message);
  assert.ok(messages.length > 3);
  const code = readdirSync(inRepository('src'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => readFileSync(inRepository(`src/${name}`), 'utf8'))
    .join('\n');
  assert.deepEqual(
    messages.filter((message) => !code.includes(message)),
    [],
  );
});
