import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import type { ByteStream } from '../../src/core/byte-stream.ts';
import { concat } from '../../src/core/bytes.ts';
import { bytePipe } from './byte-pipe.ts';
import { byteByByte, randomPieces } from './one-way-pipe.ts';
import { settle } from './simulated-clock.ts';

async function readAll(stream: ByteStream): Promise<Uint8Array[]> {
  const pieces: Uint8Array[] = [];
  for (let piece = await stream.read(); piece !== null; piece = await stream.read()) {
    pieces.push(piece);
  }
  return pieces;
}

test('what is written arrives, however it is cut', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.uint8Array({ maxLength: 300 })),
      fc.integer(),
      async (writes, seed) => {
        const { a, b, aToB } = bytePipe();
        aToB.pieces = randomPieces(seed);
        for (const bytes of writes) await a.write(bytes);
        await a.end();
        assert.deepEqual(concat(await readAll(b)), concat(writes));
        assert.deepEqual(aToB.sent, concat(writes));
      },
    ),
  );
});

test('byte by byte means one byte a read', async () => {
  const { a, b, aToB } = bytePipe();
  aToB.pieces = byteByByte;
  await a.write(new Uint8Array([1, 2, 3]));
  await a.end();
  assert.deepEqual(
    await readAll(b),
    [1, 2, 3].map((byte) => new Uint8Array([byte])),
  );
});

test('nothing arrives while it is stalled, not even the end', async () => {
  const { a, b, aToB } = bytePipe();
  aToB.stall();
  await a.write(new Uint8Array([1]));
  await a.end();
  let arrived = false;
  const all = readAll(b).then((pieces) => {
    arrived = true;
    return pieces;
  });
  await settle();
  assert.equal(arrived, false);
  aToB.resume();
  assert.deepEqual(await all, [new Uint8Array([1])]);
});

test('a cut delivers what came before it and breaks both directions', async () => {
  const { a, b, aToB } = bytePipe();
  aToB.cutAfter(2);
  const waiting = a.read();
  waiting.catch(() => undefined);
  await a.write(new Uint8Array([1, 2, 3]));
  assert.deepEqual(await b.read(), new Uint8Array([1, 2]));
  await assert.rejects(b.read(), /reset/);
  await assert.rejects(waiting, /reset/);
  await assert.rejects(a.write(new Uint8Array([4])), /reset/);
});

test('destroying one end ends the other and fails what is pending', async () => {
  const { a, b } = bytePipe();
  await a.write(new Uint8Array([1]));
  const pending = a.read();
  a.destroy();
  a.destroy();
  await assert.rejects(pending, /destroyed/);
  await assert.rejects(a.write(new Uint8Array([2])), /destroyed/);
  assert.deepEqual(await readAll(b), [new Uint8Array([1])]);
  await assert.rejects(b.write(new Uint8Array([3])), /nobody reads/);
});

test('a write waits for room when there is a window', async () => {
  const { a, b, aToB } = bytePipe();
  aToB.window = 2;
  aToB.pieces = byteByByte;
  let written = false;
  const write = a.write(new Uint8Array(4)).then(() => {
    written = true;
  });
  await b.read();
  await settle();
  assert.equal(written, false);
  await b.read();
  await write;
});
