/** Everything is written, also to a pipe that is full and does not block. */
import assert from 'node:assert/strict';
import { openSync, write } from 'node:fs';
import test from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { promisify } from 'node:util';
import { tellPeople, writeAll } from '../../src/system/write-all.ts';
import { Fifo, PIPE_SIZE } from '../support/fifo.ts';
import { TempDir } from '../support/temp-dir.ts';

/** Resolves when a write has found no room; those begun earlier have too, in all likelihood. */
async function failedWrite(descriptor: number): Promise<void> {
  await assert.rejects(promisify(write)(descriptor, Buffer.from('x')), { code: 'EAGAIN' });
}

test('what is larger than a pipe waits for its reader, without blocking this thread', async () => {
  await using dir = await TempDir.create();
  using fifo = await Fifo.make(dir);
  const bytes = Buffer.from(Uint8Array.from({ length: 3 * PIPE_SIZE + 7 }, (_, at) => at % 251));
  const parts: Buffer[] = [];
  let done = false;
  const writing = writeAll(fifo.descriptor, bytes).finally(() => {
    done = true;
  });
  while (!done) {
    await nextTurn();
    parts.push(fifo.take(5000));
  }
  await writing;
  for (let part = fifo.take(5000); part.length > 0; part = fifo.take(5000)) parts.push(part);
  assert.deepEqual(Buffer.concat(parts), bytes);
});

test('a full pipe is waited for', async () => {
  await using dir = await TempDir.create();
  using fifo = await Fifo.make(dir);
  fifo.fill();
  const writing = writeAll(fifo.descriptor, 'and more');
  await failedWrite(fifo.descriptor);
  assert.equal(fifo.take(PIPE_SIZE).length, PIPE_SIZE);
  await writing;
  assert.equal(fifo.take(100).toString(), 'and more');
});

test('what cannot be written rejects with the reason of the system', async () => {
  await assert.rejects(writeAll(openSync('/dev/full', 'w'), 'text'), { code: 'ENOSPC' });
});

test('a text for people never fails, whatever it is written to', async () => {
  await using dir = await TempDir.create();
  using fifo = await Fifo.make(dir);
  tellPeople('line\n', openSync('/dev/full', 'w'));
  tellPeople('line\n', fifo.descriptor);
  assert.equal(fifo.take(100).toString(), 'line\n');
  fifo.fill();
  tellPeople('line\n', fifo.descriptor, 1);
  assert.equal(fifo.take(2 * PIPE_SIZE).length, PIPE_SIZE);
});
