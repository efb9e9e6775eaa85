import { hash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MandosError } from '../../src/core/error.ts';
import { Blob } from '../../src/core/secret.ts';
import { FIRST_LINK, readLedger } from '../../src/server/store/ledger-format.ts';
import { readClient, readSign } from '../../src/server/store/row-format.ts';
import { SealingKey } from '../../src/server/store/sealed-secret.ts';
import { confOf, copyState, StateStart } from '../server/store/state-world.ts';

const FILES = ['ledger', 'clients.sqlite', 'clients.sqlite-wal'] as const;
const CONF = confOf('alive', 'dead');
const scratch = mkdtempSync(join(tmpdir(), 'mandos-fuzz-'));
process.on('exit', () => rmSync(scratch, { recursive: true, force: true }));

const crashed = join(scratch, 'crashed');
{
  const living = join(scratch, 'living');
  using start = await StateStart.at(living, CONF);
  start.settle();
  start.lockOut('dead');
  await copyState(living, crashed);
}
const contents = FILES.map((file) => readFileSync(join(crashed, 'store-1', file)));
const trial = join(scratch, 'trial');
using configured = new Blob(new Uint8Array(Buffer.from('configured')));
const sealing = SealingKey.from(configured);
using secret = new Blob(new Uint8Array(Buffer.from('secret')));

/** The zeros at the end say nothing; they are put back when the file is written. */
function withoutZeros(bytes: Buffer): Buffer {
  let end = bytes.length;
  while (end > 0 && bytes[end - 1] === 0) end--;
  return bytes.subarray(0, end);
}

/** The input with a hash that makes it a ledger's first line, so that what is in it is read. */
function firstLine(input: Uint8Array): Buffer {
  const line = Buffer.concat([Buffer.from(`${FIRST_LINK} `), input]);
  return Buffer.concat([Buffer.from(`${hash('sha256', line)} `), input, Buffer.from('\n')]);
}

/**
 * One of the store's files replaced by the input, its first byte telling which: the start gives
 * an answer or a `MandosError`, and the client that was locked out is not alive (F1).
 */
export const target = {
  name: 'store',
  seeds: [
    ...contents.map((bytes, index) => Buffer.concat([Buffer.of(index), withoutZeros(bytes)])),
    Buffer.from('\x03{"kind":"begun","store":"","at":1,"origin":"damage","complete":true}'),
    Buffer.concat([Buffer.of(3), sealing.seal('alive', secret)]),
  ].map((bytes) => new Uint8Array(bytes)),
  async run(input: Uint8Array): Promise<void> {
    const rest = Buffer.from(input.subarray(1));
    const file = FILES[(input[0] ?? 0) & 3];
    if (file === undefined) {
      readLedger(Buffer.concat([firstLine(rest), Buffer.alloc(8192)]));
      readClient(rest.toString());
      readSign(rest.toString());
      sealing.open('alive', rest)?.[Symbol.dispose]();
      return;
    }
    rmSync(trial, { recursive: true, force: true });
    mkdirSync(join(trial, 'store-1'), { recursive: true, mode: 0o700 });
    for (const [index, name] of FILES.entries()) {
      const zeros = Buffer.alloc(name === 'ledger' ? 8192 : 0);
      const content = name === file ? Buffer.concat([rest, zeros]) : contents[index];
      if (content !== undefined) writeFileSync(join(trial, 'store-1', name), content);
    }
    try {
      using start = await StateStart.at(trial, CONF, { at: 1 });
      if (start.alive.includes('dead')) throw new Error('a dead client came back to life');
      start.settle();
    } catch (error) {
      if (!(error instanceof MandosError)) throw error;
    }
  },
};
