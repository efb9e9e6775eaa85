import { fork } from 'node:child_process';
import { inRepository } from '../support/repository.ts';
import { TempDir } from '../support/temp-dir.ts';
import { InputNote } from './input-note.ts';
import { minimise } from './minimise.ts';
import type { WorkerResult } from './worker.ts';

/** What became of a target; `input` is as small as it could be made. */
export type Verdict =
  | { readonly kind: 'nothing found'; readonly inputs: number }
  | {
      readonly kind: 'failed' | 'hung' | 'crashed';
      readonly inputs: number;
      readonly what: string;
      readonly input: Uint8Array;
    };

const FLAGS = [
  '--expose-gc',
  '--disable-warning=ExperimentalWarning',
  '--openssl-config=/dev/null',
];

/** Runs the worker once and watches over it; see worker.ts for `work`. */
async function superviseOnce(
  targetPath: string,
  timeLimit: number,
  work: readonly string[],
): Promise<Verdict> {
  await using dir = await TempDir.create();
  const note = await dir.write('note', '');
  const child = fork(inRepository('test/fuzz/worker.ts'), [targetPath, note, ...work], {
    execArgv: FLAGS,
  });
  let result: WorkerResult | undefined;
  let hung = false;
  child.on('message', (message) => {
    result = message as WorkerResult;
  });
  let last = { number: 0, since: performance.now() };
  const watch = setInterval(
    () => {
      const { number } = InputNote.read(note);
      const now = performance.now();
      if (number !== last.number) last = { number, since: now };
      // Before its first input it is still being loaded.
      else if (number > 0 && result === undefined && now - last.since > timeLimit) {
        hung = true;
        child.kill('SIGKILL');
      }
    },
    Math.min(250, timeLimit / 4),
  );
  const how = await new Promise<string>((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code, signal) => resolve(signal ?? `exit status ${code}`));
  }).finally(() => clearInterval(watch));
  const { number: inputs, input } = InputNote.read(note);
  if (hung)
    return { kind: 'hung', inputs, what: `took more than ${timeLimit} ms`, input: input.slice() };
  if (result === undefined) {
    return { kind: 'crashed', inputs, what: `the process ended with ${how}`, input: input.slice() };
  }
  if (result.kind === 'nothing found') return result;
  return { ...result, input: new Uint8Array(Buffer.from(result.input, 'base64')) };
}

/** Fuzzes a target for `seconds`. */
export async function fuzz(
  targetPath: string,
  timeLimit: number,
  seed: number,
  seconds: number,
): Promise<Verdict> {
  const verdict = await superviseOnce(targetPath, timeLimit, [
    'fuzz',
    String(seed),
    String(seconds),
  ]);
  if (verdict.kind !== 'crashed') return verdict;
  // A process for every try: few of them.
  const input = await minimise(
    verdict.input,
    async (candidate) => (await replay(targetPath, timeLimit, candidate)).kind === 'crashed',
    100,
  );
  return { ...verdict, input };
}

/** Gives a target one input. */
export async function replay(
  targetPath: string,
  timeLimit: number,
  input: Uint8Array,
): Promise<Verdict> {
  await using dir = await TempDir.create();
  return await superviseOnce(targetPath, timeLimit, ['replay', await dir.write('input', input)]);
}
