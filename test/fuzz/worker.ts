/**
 * Runs one target in a process of its own. Arguments: the target's file, a file to note the
 * current input in, then either `fuzz SEED SECONDS` or `replay FILE`. Tells the result to its
 * parent, which watches over it and finds the input that hung or killed it in the note.
 */
import { readFileSync } from 'node:fs';
import process from 'node:process';
import { GrowthWatch } from './growth.ts';
import { InputNote } from './input-note.ts';
import { minimise } from './minimise.ts';
import { mutatedSeed, type Pool } from './mutate.ts';
import { Random } from './random.ts';
import type { FuzzTarget } from './target.ts';

export type WorkerResult =
  | { readonly kind: 'nothing found'; readonly inputs: number }
  | {
      readonly kind: 'failed';
      readonly inputs: number;
      readonly what: string;
      readonly input: string;
    };

const [, , targetPath = '', notePath = '', mode = '', ...rest] = process.argv;
const { target } = (await import(targetPath)) as { readonly target: FuzzTarget };
const note = InputNote.open(notePath);
let inputs = 0;
let escaped: unknown;
let hasEscaped = false;

// What escapes the target's promise is a finding too.
const catchEscaped = (error: unknown): void => {
  escaped = error;
  hasEscaped = true;
};
process.on('uncaughtException', catchEscaped);
process.on('unhandledRejection', catchEscaped);
// Without its parent there is nobody to tell.
process.on('disconnect', () => process.exit(1));

/** What the target threw, in a box since anything can be thrown; undefined when all was well. */
async function failure(input: Uint8Array): Promise<{ readonly error: unknown } | undefined> {
  inputs += 1;
  note.write(inputs, input);
  try {
    const promise = target.run(input.slice());
    if (promise !== undefined) await promise;
    // Lets rejections that nobody handles show themselves, and the parent's messages in.
    if (inputs % 256 === 0) await new Promise((resolve) => setImmediate(resolve));
  } catch (error) {
    return { error };
  }
  if (!hasEscaped) return undefined;
  hasEscaped = false;
  return { error: escaped };
}

/** The kind of failure: the error's first line without what changes from input to input. */
function kindOf(error: unknown): string {
  const [line = ''] = String(error).split('\n');
  return line.replaceAll(/\d+|'[^']*'|"[^"]*"/g, '…').slice(0, 80);
}

async function findings(input: Uint8Array): Promise<WorkerResult | undefined> {
  const first = await failure(input);
  if (first === undefined) return undefined;
  const kind = kindOf(first.error);
  const smallest = await minimise(input, async (candidate) => {
    const again = await failure(candidate);
    return again !== undefined && kindOf(again.error) === kind;
  });
  return failed(first.error, smallest);
}

function failed(error: unknown, input: Uint8Array): WorkerResult {
  const what = error instanceof Error ? (error.stack ?? String(error)) : String(error);
  return { kind: 'failed', inputs, what, input: Buffer.from(input).toString('base64') };
}

async function fuzz(seed: number, seconds: number): Promise<WorkerResult> {
  const random = new Random(seed);
  const pool: Pool = { seeds: target.seeds, dictionary: target.dictionary ?? [] };
  const start = performance.now();
  const end = start + seconds * 1000;
  for (const input of target.seeds) {
    const found = await findings(input);
    if (found !== undefined) return found;
  }
  let growth: GrowthWatch | undefined;
  for (let now = start; now < end; now = performance.now()) {
    // Caches fill and code is compiled in the first quarter; what grows later is a leak.
    if (growth === undefined && now > start + seconds * 250) growth = new GrowthWatch();
    const input = mutatedSeed(random, pool);
    const found = await findings(input);
    if (found !== undefined) return found;
  }
  const grown = growth?.complaint();
  return grown === undefined ? { kind: 'nothing found', inputs } : failed(grown, new Uint8Array(0));
}

async function replay(path: string): Promise<WorkerResult> {
  const input = new Uint8Array(readFileSync(path));
  const found = await failure(input);
  return found === undefined ? { kind: 'nothing found', inputs } : failed(found.error, input);
}

const result =
  mode === 'replay' ? await replay(rest[0] ?? '') : await fuzz(Number(rest[0]), Number(rest[1]));
process.send?.(result, () => process.exit());
