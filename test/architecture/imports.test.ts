/** The directions of ARCHITECTURE.md: what may import what. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import test from 'node:test';
import { inRepository } from '../support/repository.ts';
import { findCycle, resolveImport, type SourceFile, sourceFiles } from './import-graph.ts';

const files = sourceFiles();

const CRAFTS = ['protocol', 'openpgp', 'zeroconf', 'dbus', 'config'];
const GROUND = ['core', 'system', 'native'];

/** For each room, the rooms it may import from besides itself. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  'main.ts': ['programs', 'system'],
  programs: ['server', 'boot', 'operator', ...CRAFTS, ...GROUND],
  server: [...CRAFTS, ...GROUND],
  boot: [...CRAFTS, ...GROUND],
  operator: [...CRAFTS, ...GROUND],
  ...Object.fromEntries(CRAFTS.map((room) => [room, GROUND])),
  system: ['core', 'native'],
  native: [],
  core: [],
};

/** `src/core/time.ts` is in the room `core`; `src/main.ts` is a room of its own. */
function roomOf(path: string): string {
  return path.split('/')[1] ?? '';
}

/** The path and every file of its own room that it needs at run time. */
function withItsNeeds(path: string, found = new Set<string>()): Set<string> {
  if (found.has(path)) return found;
  found.add(path);
  for (const { specifier, typeOnly } of files.find((file) => file.path === path)?.imports ?? []) {
    const target = typeOnly ? undefined : resolveImport(path, specifier);
    if (target !== undefined && roomOf(target) === roomOf(path)) withItsNeeds(target, found);
  }
  return found;
}

/** What opens a blob at boot; the rest of the room makes keys and blobs on a running system. */
const OPENING = withItsNeeds('src/openpgp/open.ts');

/** Written for any ECMAScript engine; a file named `*-node.ts` is the part that is not. */
function isEngineNeutral(path: string): boolean {
  if (OPENING.has(path)) return true;
  return (
    ['core', 'protocol', 'boot', 'zeroconf'].includes(roomOf(path)) && !path.endsWith('-node.ts')
  );
}

/** Packages that run on any ECMAScript engine. */
const NEUTRAL_PACKAGES = ['openpgp'];

interface Complaint {
  readonly file: string;
  readonly complaint: string;
}

/** What `judge` says about each import of each file, without those it says nothing about. */
function complaints(
  judge: (file: SourceFile, specifier: string, typeOnly: boolean) => string | undefined,
): Complaint[] {
  return files.flatMap((file) =>
    file.imports.flatMap(({ specifier, typeOnly }) => {
      const complaint = judge(file, specifier, typeOnly);
      return complaint === undefined ? [] : [{ file: file.path, complaint }];
    }),
  );
}

test('there is something to judge', () => {
  assert.ok(files.length > 5);
  assert.ok(files.some((file) => file.imports.length > 0));
});

test('every room is known, and imports only from the rooms below it', () => {
  const found = complaints(({ path }, specifier) => {
    const target = resolveImport(path, specifier);
    if (target === undefined) return undefined;
    const from = roomOf(path);
    const to = roomOf(target);
    if (!target.startsWith('src/')) return `${specifier} is outside src`;
    if (from === to || MAY_IMPORT[from]?.includes(to)) return undefined;
    return `${from} imports ${to}: ${specifier}`;
  });
  assert.deepEqual(found, []);
  const unknown = files.map(({ path }) => roomOf(path)).filter((room) => !(room in MAY_IMPORT));
  assert.deepEqual(unknown, []);
});

test('every file that is imported exists', () => {
  const found = complaints(({ path }, specifier) => {
    const target = resolveImport(path, specifier);
    const exists = target === undefined || existsSync(inRepository(target));
    return exists ? undefined : `${specifier} is missing`;
  });
  assert.deepEqual(found, []);
});

test('core imports nothing but itself', () => {
  const found = complaints(({ path }, specifier) => {
    if (roomOf(path) !== 'core') return undefined;
    const target = resolveImport(path, specifier);
    return target?.startsWith('src/core/') ? undefined : specifier;
  });
  assert.deepEqual(found, []);
});

test('native imports nothing but itself and modules of Node', () => {
  const found = complaints(({ path }, specifier) => {
    if (roomOf(path) !== 'native' || specifier.startsWith('node:')) return undefined;
    return resolveImport(path, specifier)?.startsWith('src/native/') ? undefined : specifier;
  });
  assert.deepEqual(found, []);
});

test('foreign functions are called in native and nowhere else', () => {
  const outside = files.filter(({ path }) => roomOf(path) !== 'native');
  const found = outside.filter(({ code }) => /node:ffi|process\.binding|\bdlopen\b/.test(code));
  assert.deepEqual(
    found.map(({ path }) => path),
    [],
  );
});

test('engine-neutral files need nothing at run time that is not engine-neutral', () => {
  const found = complaints(({ path }, specifier, typeOnly) => {
    if (!isEngineNeutral(path)) return undefined;
    const target = resolveImport(path, specifier);
    if (target === undefined) return NEUTRAL_PACKAGES.includes(specifier) ? undefined : specifier;
    return typeOnly || isEngineNeutral(target) ? undefined : specifier;
  });
  assert.deepEqual(found, []);
});

test("engine-neutral files use no global of Node's or the web's", () => {
  const globals =
    /(?<![.\w'-])(Buffer|TextDecoder|TextEncoder|AbortController|AbortSignal|setTimeout|setInterval|setImmediate|clearTimeout|clearInterval|queueMicrotask|structuredClone|performance|process|console|fetch|URL|crypto|atob|btoa)\b(?!['-])/;
  const found = files.flatMap(({ path, code }) => {
    const use = isEngineNeutral(path) ? globals.exec(code)?.[1] : undefined;
    return use === undefined ? [] : [{ path, use }];
  });
  assert.deepEqual(found, []);
});

test('no file imports itself by way of others', () => {
  assert.equal(findCycle(files)?.join(' → '), undefined);
});

test('a dynamic import names its file, so that this test can see it', () => {
  const found = files.filter(({ code }) => /\bimport\(\s*[^'"\s]/.test(code));
  assert.deepEqual(
    found.map(({ path }) => path),
    [],
  );
});

test('what is imported from npm is a dependency of the product', () => {
  const { dependencies } = JSON.parse(readFileSync(inRepository('package.json'), 'utf8'));
  const found = complaints((_, specifier) => {
    if (specifier.startsWith('.') || specifier.startsWith('node:')) return undefined;
    const name = specifier.split('/', specifier.startsWith('@') ? 2 : 1).join('/');
    return Object.hasOwn(dependencies, name) ? undefined : specifier;
  });
  assert.deepEqual(found, []);
});

test('nothing of the product imports node:process', () => {
  // The import touches standard input, output and error, which makes their pipes
  // non-blocking: writes are cut short and reads fail. The global has no such effect.
  const found = files
    .filter(({ code }) => /from 'node:process'/.test(code))
    .map(({ path }) => path);
  assert.deepEqual(found, []);
});
