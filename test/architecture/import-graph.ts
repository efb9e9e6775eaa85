import { readdirSync, readFileSync } from 'node:fs';
import { posix } from 'node:path';
import { inRepository } from '../support/repository.ts';

export interface Import {
  /** What stands in the quotes. */
  readonly specifier: string;
  /** Gone at run time. */
  readonly typeOnly: boolean;
}

export interface SourceFile {
  /** Relative to the repository, such as `src/core/time.ts`. */
  readonly path: string;
  /** Without comments. */
  readonly code: string;
  readonly imports: readonly Import[];
}

/** All files of `src/`, in the order of their names. */
export function sourceFiles(): readonly SourceFile[] {
  return readdirSync(inRepository('src'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .toSorted()
    .map((name) => {
      const code = withoutComments(readFileSync(inRepository(`src/${name}`), 'utf8'));
      return { path: `src/${name}`, code, imports: importsOf(code) };
    });
}

/**
 * Comments taken out. Enough for code in the project's format: a comment starts a line or
 * follows white space, which `//` in a string or regular expression does not.
 */
export function withoutComments(source: string): string {
  return source.replaceAll(/(^|\s)\/\*[\s\S]*?\*\/|(^|\s)\/\/.*$/gm, '$1$2');
}

/** Every import, re-export and dynamic import with a literal name, and `import('…')` types. */
export function importsOf(code: string): Import[] {
  const statements = code.matchAll(
    /^\s*(?:import|export)\s+(type\s+)?(?:([^'";=()]*?)\s*from\s*)?['"]([^'"]+)['"]/gm,
  );
  const found = Array.from(statements, ([, type, names = '', specifier = '']) => ({
    specifier,
    typeOnly: type !== undefined || onlyTypes(names),
  }));
  for (const [, specifier = ''] of code.matchAll(/\bimport\(\s*['"]([^'"]+)['"]/g)) {
    found.push({ specifier, typeOnly: false });
  }
  return found;
}

/** Whether in `{ type A, type B }` nothing but types is named. */
function onlyTypes(names: string): boolean {
  const inBraces = /^\{([\s\S]*)\}$/.exec(names.trim())?.[1];
  const list = inBraces?.split(',').flatMap((name) => (name.trim() === '' ? [] : [name.trim()]));
  return list !== undefined && list.length > 0 && list.every((name) => name.startsWith('type '));
}

/** The path that a relative specifier means; undefined for a module of Node's or npm's. */
export function resolveImport(from: string, specifier: string): string | undefined {
  if (!specifier.startsWith('.')) return undefined;
  return posix.join(posix.dirname(from), specifier);
}

/** The first cycle found, as the paths along it; undefined when there is none. */
export function findCycle(files: readonly SourceFile[]): readonly string[] | undefined {
  const byPath = new Map(files.map((file) => [file.path, file]));
  const finished = new Set<string>();
  const trail: string[] = [];
  const visit = (path: string): readonly string[] | undefined => {
    if (finished.has(path)) return undefined;
    const start = trail.indexOf(path);
    if (start >= 0) return [...trail.slice(start), path];
    trail.push(path);
    for (const { specifier } of byPath.get(path)?.imports ?? []) {
      const target = resolveImport(path, specifier);
      const cycle = target === undefined ? undefined : visit(target);
      if (cycle !== undefined) return cycle;
    }
    trail.pop();
    finished.add(path);
    return undefined;
  };
  for (const { path } of files) {
    const cycle = visit(path);
    if (cycle !== undefined) return cycle;
  }
  return undefined;
}
