/** Secrets from pipes: whole, however slow they come, and given up at a signal. */
import assert from 'node:assert/strict';
import { openSync } from 'node:fs';
import { open } from 'node:fs/promises';
import test from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { readPiece, readSecretInput } from '../../src/system/secret-input.ts';
import { Fifo, makeFifo } from '../support/fifo.ts';
import { TempDir } from '../support/temp-dir.ts';

const FOREVER = new AbortController().signal;

test('a FIFO is read to its end, from the first writer on', async () => {
  await using dir = await TempDir.create();
  const path = await makeFifo(dir);
  const reading = readSecretInput(path, 1_000_000, FOREVER);
  const bytes = Buffer.alloc(200_000, 'secret');
  await using writer = await open(path, 'w');
  await writer.writeFile(bytes);
  await writer.close();
  const read = await reading;
  assert.deepEqual(Buffer.from(read), bytes);
  assert.equal(read.buffer.byteLength, bytes.length, 'in memory of its own');
});

test('a pipe that does not block is waited for', async () => {
  await using dir = await TempDir.create();
  using fifo = await Fifo.make(dir);
  const buffer = new Uint8Array(100);
  const reading = readPiece(fifo.descriptor, buffer, 'the pipe', FOREVER);
  // A read that began later has found nothing, and so has the one above.
  assert.equal(fifo.take(1).length, 0);
  await nextTurn();
  fifo.put('late');
  assert.equal(await reading, 4);
  assert.equal(Buffer.from(buffer.subarray(0, 4)).toString(), 'late');
});

test('an abort ends the waiting for bytes that do not come', async () => {
  await using dir = await TempDir.create();
  using fifo = await Fifo.make(dir);
  const controller = new AbortController();
  const reading = readSecretInput(fifo.descriptor, 100, controller.signal);
  controller.abort(new Error('enough'));
  await assert.rejects(reading, /enough/);
});

test('an abort ends the waiting for a writer', async () => {
  await using dir = await TempDir.create();
  const path = await makeFifo(dir);
  const controller = new AbortController();
  const reading = readSecretInput(path, 100, controller.signal);
  controller.abort(new Error('enough'));
  await assert.rejects(reading, /enough/);
  // Lets go of the thread that still waits.
  await using _writer = await open(path, 'r+');
});

test('what cannot be read, is not there or does not end is told apart', async () => {
  await using dir = await TempDir.create();
  const read = (source: string | number) => readSecretInput(source, 10_000, FOREVER);
  await assert.rejects(read(dir.join('nothing')), { code: 'file-missing', exitCode: 66 });
  await assert.rejects(read(dir.path), { code: 'file-unreadable', message: /EISDIR/ });
  await assert.rejects(read(openSync('/', 'r')), { message: /standard input \(EISDIR\)/ });
  await assert.rejects(read('/dev/zero'), { message: /larger than 10000 bytes/ });
  assert.deepEqual(await read('/dev/null'), new Uint8Array(0));
});
