import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import test from 'node:test';
import { ledgerLines } from '../../../src/server/store/ledger-text.ts';
import { TempDir } from '../../support/temp-dir.ts';
import { confOf, StateStart } from './state-world.ts';

test('the ledger is an audit trail that people can read', async () => {
  await using dir = await TempDir.create();
  const state = dir.join('state');
  {
    using start = await StateStart.at(state, confOf('foo', 'a "b"'));
    start.settle();
    start.lockOut('foo');
    start.enable('foo');
    start.remove('foo');
  }
  const time = '2026-06-01T00:00:00.000Z';
  const expected = [
    `${time}  ledger begun (first start)`,
    `${time}  "foo" added`,
    `${time}  "a \\"b\\"" added`,
    `${time}  "foo" locked out (expired)`,
    `${time}  "foo" enabled (d-bus)`,
    `${time}  "foo" removed`,
  ];
  assert.deepEqual(ledgerLines(state), expected);
  const path = `${state}/store-1/ledger`;
  const bytes = readFileSync(path);
  bytes[bytes.lastIndexOf('removed')] = 0x58;
  writeFileSync(path, bytes);
  const lines = ledgerLines(state);
  assert.deepEqual(lines.slice(0, -1), expected.slice(0, -1));
  assert.match(lines.at(-1) ?? '', /damaged from here on/);
});

test('a directory without a ledger is told so', async () => {
  await using dir = await TempDir.create();
  assert.throws(() => ledgerLines(dir.path), { code: 'file-missing' });
  assert.throws(() => ledgerLines(dir.join('nowhere')), { code: 'file-unreadable' });
});
