/** The ledger's bytes: chained, told apart from torn and damaged ones (F1, F2). */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import {
  encodeRecord,
  FIRST_LINK,
  readLedger,
  ZEROS_AFTER,
} from '../../../src/server/store/ledger-format.ts';
import type { LedgerRecord } from '../../../src/server/store/ledger-record.ts';

const BEGUN: LedgerRecord = {
  ...{ kind: 'begun', store: 'a store', at: 1 },
  ...{ origin: 'first start', complete: true },
};

function lockOut(name: string): LedgerRecord {
  const change = { kind: 'locked-out', reason: 'expired' } as const;
  return { kind: 'changes', entries: [{ name, at: 2, change }] };
}

/** A ledger of these records, and where each line begins. */
function ledgerOf(records: readonly LedgerRecord[]): { bytes: Buffer; starts: number[] } {
  const lines: Buffer[] = [];
  const starts: number[] = [];
  let link = FIRST_LINK;
  let length = 0;
  for (const record of records) {
    const encoded = encodeRecord(link, record, length);
    starts.push(length);
    lines.push(encoded.line);
    link = encoded.link;
    length += encoded.line.length;
  }
  return { bytes: Buffer.concat([...lines, Buffer.alloc(ZEROS_AFTER + 1000)]), starts };
}

const names = fc.array(fc.string({ unit: 'binary', maxLength: 700 }), {
  minLength: 1,
  maxLength: 9,
});

describe('a ledger', () => {
  test('is read as it was written, whatever the names', () => {
    fc.assert(
      fc.property(names, (all) => {
        const records = [BEGUN, ...all.map(lockOut)];
        const read = readLedger(ledgerOf(records).bytes);
        assert.deepEqual(read.state, { kind: 'whole' });
        assert.deepEqual(read.records, records);
      }),
    );
  });

  test('with one byte of its lines changed is damaged, never shorter', () => {
    fc.assert(
      fc.property(names, fc.nat(), fc.integer({ min: 1, max: 255 }), (all, where, change) => {
        const { bytes, starts } = ledgerOf([BEGUN, ...all.map(lockOut)]);
        const end = bytes.lastIndexOf('\n') + 1;
        const at = where % end;
        bytes[at] = (bytes[at] ?? 0) ^ change;
        const { state, records } = readLedger(bytes);
        assert.equal(state.kind, 'damaged');
        assert.ok(records.length <= starts.findLastIndex((start) => start <= at));
      }),
      { numRuns: 500 },
    );
  });

  test('whose last line was being written when the power failed is the one before', () => {
    fc.assert(
      fc.property(names, fc.infiniteStream(fc.boolean()), (all, tosses) => {
        const { bytes, starts } = ledgerOf([BEGUN, ...all.map(lockOut)]);
        const start = starts.at(-1) ?? 0;
        const end = bytes.lastIndexOf('\n') + 1;
        let lost = false;
        for (let from = start; from < end; ) {
          const to = from - (from % 512) + 512;
          if (tosses.next().value === true) {
            bytes.fill(0, from, Math.min(to, end));
            lost = true;
          }
          from = to;
        }
        const { state, records } = readLedger(bytes);
        assert.notEqual(state.kind, 'damaged');
        assert.equal(records.length, starts.length - (lost ? 1 : 0));
      }),
      { numRuns: 500 },
    );
  });

  test('that was cut off is damaged, unless nothing but spare zeros is missing', () => {
    const { bytes } = ledgerOf([BEGUN, lockOut('a'), lockOut('b')]);
    const spare = bytes.lastIndexOf('\n') + 1 + ZEROS_AFTER;
    for (let length = 0; length <= bytes.length; length++) {
      const { state } = readLedger(bytes.subarray(0, length));
      assert.equal(state.kind, length < spare ? 'damaged' : 'whole', `${length}`);
    }
  });

  test('with a line moved, repeated or left out is damaged', () => {
    const { bytes, starts } = ledgerOf([BEGUN, lockOut('a'), lockOut('b'), lockOut('a')]);
    const end = bytes.lastIndexOf('\n') + 1;
    const lines = starts.map((start, index) => bytes.subarray(start, starts[index + 1] ?? end));
    const [begun, a, b, again] = lines;
    assert.ok(begun && a && b && again);
    for (const order of [
      [begun, b, a, again],
      [begun, a, a, b],
      [begun, a, again],
      [a, b, again],
      [begun, begun],
    ]) {
      const other = Buffer.concat([...order, Buffer.alloc(2 * ZEROS_AFTER)]);
      assert.equal(readLedger(other).state.kind, 'damaged');
    }
  });
});
