/** A fuzzer that finds nothing must be one that would have. */
import assert from 'node:assert/strict';
import test from 'node:test';
import { inRepository } from '../support/repository.ts';
import { fuzz, replay, type Verdict } from './supervise.ts';

const SEED = 1;

async function verdictOn(name: string, timeLimit = 5000, seconds = 1): Promise<Verdict> {
  return await fuzz(inRepository(`test/fuzz/fixtures/${name}.fuzz.ts`), timeLimit, SEED, seconds);
}

test('an exception is found, and its input made as small as can be', async () => {
  const verdict = await verdictOn('throws');
  assert.equal(verdict.kind, 'failed');
  assert.match(verdict.kind === 'failed' ? verdict.what : '', /the word is in it/);
  assert.equal(verdict.kind === 'failed' && Buffer.from(verdict.input).toString(), 'bad');
});

test('an endless loop is found with its input', async () => {
  const verdict = await verdictOn('hangs', 400, 20);
  assert.equal(verdict.kind, 'hung');
  assert.equal(verdict.kind === 'hung' && verdict.input[0], 0xff);
});

test('a crash of the process is found, and its input made small', async () => {
  const verdict = await verdictOn('crashes', 5000, 20);
  assert.equal(verdict.kind, 'crashed');
  assert.deepEqual(verdict.kind === 'crashed' && verdict.input, new Uint8Array([0xff]));
});

test('a rejection that nobody handles is found', async () => {
  const verdict = await verdictOn('escapes', 5000, 20);
  assert.equal(verdict.kind, 'failed');
  assert.match(verdict.kind === 'failed' ? verdict.what : '', /nobody waited for this/);
});

test('memory that is never given back is found', async () => {
  const verdict = await verdictOn('leaks', 5000, 2);
  assert.equal(verdict.kind, 'failed');
  assert.match(verdict.kind === 'failed' ? verdict.what : '', /memory grew/);
});

test('a target that holds is said to hold', async () => {
  const verdict = await verdictOn('holds');
  assert.equal(verdict.kind, 'nothing found');
  assert.ok(verdict.inputs > 1000);
});

test('a replay gives the same verdict', async () => {
  const path = inRepository('test/fuzz/fixtures/throws.fuzz.ts');
  assert.equal((await replay(path, 5000, Buffer.from('a bad one'))).kind, 'failed');
  assert.equal((await replay(path, 5000, Buffer.from('a good one'))).kind, 'nothing found');
});
