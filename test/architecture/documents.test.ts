/** What the documents name is there. */
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import test from 'node:test';
import { inRepository } from '../support/repository.ts';

/** Paths between back quotes: files with an ending, folders, and all below our own folders. */
function pathsIn(document: string): readonly string[] {
  const text = readFileSync(inRepository(document), 'utf8').replaceAll(/^```[\s\S]*?^```/gm, '');
  const quoted = Array.from(text.matchAll(/`([^`\s]+)`/g), ([, inside = '']) => inside);
  return quoted.filter(
    (name) =>
      /^[\w.-]+(\/[\w.*-]+)*(\/|\.(ts|md|json|conf))$/.test(name) ||
      /^(src|test|packaging|scripts|bench)\//.test(name),
  );
}

const sources = readdirSync(inRepository('src'), { recursive: true, encoding: 'utf8' });

/** As it is written, below src/, or a file of src/ that is named without its folders. */
function exists(path: string): boolean {
  if (existsSync(inRepository(path)) || existsSync(inRepository(`src/${path}`))) return true;
  return !path.includes('/') && sources.some((source) => source.endsWith(`/${path}`));
}

/** Files and folders that are on the machines of users, or that a build makes. */
const ELSEWHERE = [
  'build/',
  'store-N/',
  'clients.conf',
  'mandos.conf',
  'mandos-clients.conf',
  'plugin-runner.conf',
];

for (const document of ['ARCHITECTURE.md', 'SECURITY.md', 'README.md']) {
  test(`every file and folder that ${document} names is there`, () => {
    const named = pathsIn(document);
    assert.ok(named.length > 0);
    const missing = named.filter((path) => !ELSEWHERE.includes(path) && !exists(path));
    assert.deepEqual(missing, []);
  });
}

/** Each promise by its number, with the files that hold it. */
function promises(): ReadonlyMap<string, readonly string[]> {
  const text = readFileSync(inRepository('SECURITY.md'), 'utf8');
  const rows = Array.from(text.matchAll(/^\| ([SFNLC]\d) .* \| (.*) \|$/gm));
  return new Map(
    rows.map(([, number = '', files = '']) => [
      number,
      Array.from(files.matchAll(/`([^`]+)`/g), ([, file = '']) => file),
    ]),
  );
}

/** How many promises there are of each kind. */
const PROMISES = { S: 6, F: 5, N: 6, L: 5, C: 4 };

test('SECURITY.md lists every promise', () => {
  const all = Object.entries(PROMISES).flatMap(([kind, count]) =>
    Array.from({ length: count }, (_, index) => `${kind}${index + 1}`),
  );
  assert.deepEqual([...promises().keys()], all);
});

test('SECURITY.md names every test of every promise, or says that there is none', () => {
  const listed = promises();
  const files = readdirSync(inRepository('test/security'));
  for (const file of files) {
    const [number = ''] = file.toUpperCase().split('-');
    assert.ok(listed.get(number)?.includes(`test/security/${file}`), `${number}: ${file}`);
  }
  const text = readFileSync(inRepository('SECURITY.md'), 'utf8');
  for (const [number, tests] of listed) {
    const saysNone = new RegExp(`^\\| ${number} .* \\| no test yet \\|$`, 'm').test(text);
    assert.equal(saysNone, tests.length === 0, number);
  }
});
