/**
 * Fuzzes every target for a bounded time: `npm run fuzz -- [--seconds N] [--seed N]
 * [--target NAME]`, or gives one input to its target again: `--replay FILE`. Inputs that
 * fail go to build/fuzz/. Exit status 1 when something was found.
 */
import { createHash, randomInt } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename } from 'node:path';
import process from 'node:process';
import { parseArgs } from 'node:util';
import { inRepository } from '../support/repository.ts';
import { fuzz, replay, type Verdict } from './supervise.ts';
import { DEFAULT_TIME_LIMIT, type FuzzTarget } from './target.ts';

const ENDING = '.fuzz.ts';

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '20' },
    seed: { type: 'string', default: String(randomInt(2 ** 32)) },
    target: { type: 'string' },
    replay: { type: 'string' },
    directory: { type: 'string', default: inRepository('test/fuzz') },
  },
});
const seconds = Number(values.seconds);
const seed = Number(values.seed);
if (!(seconds > 0) || !Number.isSafeInteger(seed)) {
  process.stderr.write('fuzz: --seconds and --seed must be numbers\n');
  process.exit(64);
}

interface Loaded {
  readonly path: string;
  readonly target: FuzzTarget;
}

async function load(name: string): Promise<Loaded> {
  const path = `${values.directory}/${name}${ENDING}`;
  const { target } = (await import(path)) as { readonly target: FuzzTarget };
  if (target.name !== name) throw new Error(`${path} calls its target '${target.name}'`);
  return { path, target };
}

function names(): string[] {
  return readdirSync(values.directory)
    .filter((name) => name.endsWith(ENDING))
    .map((name) => name.slice(0, -ENDING.length))
    .filter((name) => values.target === undefined || values.target === name)
    .toSorted();
}

/** Prints what became of a target; returns whether all is well. */
function tell(name: string, verdict: Verdict, replaying: boolean): boolean {
  if (verdict.kind === 'nothing found') {
    process.stdout.write(`fuzz: ${name}: ${verdict.inputs} inputs, nothing found\n`);
    return true;
  }
  process.stdout.write(
    `fuzz: ${name}: ${verdict.kind} at input ${verdict.inputs}: ${verdict.what}\n`,
  );
  if (!replaying) {
    const hash = createHash('sha256').update(verdict.input).digest('hex').slice(0, 12);
    const path = `build/fuzz/${name}.${hash}.bin`;
    mkdirSync(inRepository('build/fuzz'), { recursive: true });
    writeFileSync(inRepository(path), verdict.input);
    process.stdout.write(
      `fuzz: ${name}: ${verdict.input.length} bytes written; replay: npm run fuzz -- --replay ${path}\n`,
    );
  }
  return false;
}

let good = true;
if (values.replay !== undefined) {
  const [name = ''] = basename(values.replay).split('.');
  const { path, target } = await load(name);
  const input = new Uint8Array(readFileSync(values.replay));
  good = tell(name, await replay(path, target.timeLimit ?? DEFAULT_TIME_LIMIT, input), true);
} else {
  const found = names();
  if (found.length === 0) {
    process.stderr.write('fuzz: there is no such target\n');
    good = false;
  }
  process.stdout.write(
    `fuzz: ${found.length} targets, ${seconds} s each; again with --seed ${seed}\n`,
  );
  for (const name of found) {
    const { path, target } = await load(name);
    const verdict = await fuzz(path, target.timeLimit ?? DEFAULT_TIME_LIMIT, seed, seconds);
    if (!tell(name, verdict, false)) good = false;
  }
}
process.exitCode = good ? 0 : 1;
