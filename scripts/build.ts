/**
 * `npm run build`: build/mandos, one executable that holds all programs, and build/bin/ with a
 * link for each. The same sources give the same bytes, wherever they lie.
 */
import { execFileSync } from 'node:child_process';
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { arch } from 'node:os';
import { basename, join, resolve } from 'node:path';
import process from 'node:process';
import { build } from 'esbuild';

const ROOT = resolve(import.meta.dirname, '..');
const OUTPUT = join(ROOT, 'build');

/** Stands in for the names of source files, which do not exist for the executable. */
const NOWHERE = 'file:///mandos';

/**
 * Node's own options, fixed: what a user or a system sets for Node and OpenSSL must not change
 * what a security program does (L5).
 */
const NODE_OPTIONS = [
  '--openssl-config=/dev/null',
  '--disable-sigusr1',
  '--disable-warning=ExperimentalWarning',
  // As few threads as there can be: programs are short, and see SECURITY.md on capabilities.
  '--v8-pool-size=0',
];

/** The source files of our threads (`startThread`). */
function threads(): readonly string[] {
  return readdirSync(join(ROOT, 'src'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .toSorted()
    .flatMap((name) => {
      const code = readFileSync(join(ROOT, 'src', name), 'utf8');
      const calls = code.matchAll(/startThread\(\s*new URL\('([^']+)', import\.meta\.url\)/g);
      return Array.from(calls, ([, file = '']) => join(ROOT, 'src', name, '..', file));
    });
}

async function bundle(source: string, output: string): Promise<void> {
  await build({
    absWorkingDir: ROOT,
    entryPoints: [source],
    outfile: output,
    bundle: true,
    platform: 'node',
    target: `node${process.versions.node}`,
    format: 'cjs',
    define: { 'import.meta.url': JSON.stringify(NOWHERE) },
    legalComments: 'none',
    // The engine keeps the text in memory. Names and lines stay, for traces.
    minifyWhitespace: true,
    minifySyntax: true,
    lineLimit: 120,
    // Paths of modules stand in its comments.
    preserveSymlinks: true,
    logLevel: 'warning',
  });
}

function runtime(): string {
  return join(ROOT, 'node_modules', `node-linux-${arch()}`, 'bin', 'node');
}

function linkPrograms(): void {
  const directory = join(OUTPUT, 'bin');
  rmSync(directory, { recursive: true, force: true });
  mkdirSync(directory);
  for (const file of readdirSync(join(ROOT, 'src/programs'))) {
    symlinkSync('../mandos', join(directory, basename(file, '.ts')));
  }
}

async function main(): Promise<void> {
  mkdirSync(OUTPUT, { recursive: true });
  const work = mkdtempSync(join(OUTPUT, '.work-'));
  try {
    // Its symbols are a fifth of it. Afterwards would be too late: strip drops what is injected.
    execFileSync('strip', ['-o', join(work, 'node'), runtime()]);
    await bundle(join(ROOT, 'src/main.ts'), join(work, 'mandos.js'));
    const assets: Record<string, string> = {};
    for (const source of threads()) {
      const name = basename(source);
      if (name in assets) throw new Error(`two threads are named ${name}`);
      assets[name] = `${name}.js`;
      await bundle(source, join(work, `${name}.js`));
    }
    const configuration = {
      main: 'mandos.js',
      executable: 'node',
      output: 'mandos',
      assets,
      disableExperimentalSEAWarning: true,
      useCodeCache: true,
      execArgv: NODE_OPTIONS,
      execArgvExtension: 'none',
    };
    writeFileSync(join(work, 'sea.json'), JSON.stringify(configuration));
    // Names in the configuration are kept in the executable: relative ones are the same
    // everywhere. Without a fixed seed the code cache would be another each time.
    execFileSync(runtime(), ['--random-seed=1', '--build-sea', 'sea.json'], {
      cwd: work,
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    renameSync(join(work, 'mandos'), join(OUTPUT, 'mandos'));
    linkPrograms();
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

await main();
