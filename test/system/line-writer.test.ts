import assert from 'node:assert/strict';
import test from 'node:test';
import { MandosError } from '../../src/core/error.ts';
import { LineWriter } from '../../src/system/line-writer.ts';
import { settle } from '../support/simulated-clock.ts';

/** A reader that takes what it is given only when it is told to. */
class SlowReader {
  readonly taken: string[] = [];
  readonly #writes: { readonly text: string; readonly done: () => void }[] = [];

  readonly write = (text: string): Promise<void> =>
    new Promise((done) => this.#writes.push({ text, done }));

  take(): void {
    const write = this.#writes.shift();
    assert.ok(write !== undefined, 'there is something to take');
    this.taken.push(write.text);
    write.done();
  }
}

test('lines keep their order, and wait together for a slow reader', async () => {
  const reader = new SlowReader();
  const writer = new LineWriter(reader.write);
  writer.write('one\n');
  writer.write('two\n');
  writer.write('three\n');
  reader.take();
  await settle();
  reader.take();
  await writer.idle;
  assert.deepEqual(reader.taken, ['one\n', 'two\nthree\n']);
});

test('a failure is told, and nothing is idle for ever', async () => {
  const failure = new MandosError('file-unwritable', 'nobody reads');
  const writer = new LineWriter(() => Promise.reject(failure));
  writer.write('one\n');
  await assert.rejects(writer.failed, failure);
  await writer.idle;
});

test('for a reader who reads nothing not everything is kept', async () => {
  const writer = new LineWriter(new SlowReader().write);
  const line = `${'x'.repeat(1024 * 1024)}\n`;
  for (let count = 0; count < 70; count++) writer.write(line);
  await assert.rejects(writer.failed, { code: 'file-unwritable' });
});
