import assert from 'node:assert/strict';
import test from 'node:test';
import { toldText } from '../../../src/operator/monitor/told-text.ts';
import type { ServerSignal } from '../../../src/operator/server/server-event.ts';

const path = '/clients/foo';
const ended = (waitStatus: number): ServerSignal => ({
  kind: 'checker-completed',
  path,
  exitStatus: 0,
  waitStatus,
  command: 'fping -q',
});

/** As Debian's mandos-monitor tells them; in verbose mode only where it says so. */
const TOLD: readonly (readonly [ServerSignal, string, boolean])[] = [
  [ended(0), 'Checker for client foo (command "fping -q") succeeded', true],
  [ended(3 << 8), 'Checker for client foo (command "fping -q") failed with exit code 3', false],
  [ended(9), 'Checker for client foo (command "fping -q") was killed by signal 9', false],
  [ended(0x80 | 6), 'Checker for client foo (command "fping -q") was killed by signal 6', false],
  [
    { kind: 'checker-started', path, command: 'fping -q' },
    'Client foo started checker "fping -q"',
    true,
  ],
  [{ kind: 'got-secret', path }, 'Client foo received its secret', false],
  [{ kind: 'rejected', path, reason: 'Denied' }, 'Client foo was rejected; reason: Denied', false],
  [
    { kind: 'need-approval', path, timeout: 3_600_000, approvedByDefault: false },
    'Client foo needs approval within 3600.000000 seconds',
    false,
  ],
  [
    { kind: 'need-approval', path, timeout: 8000, approvedByDefault: true },
    'Client foo will get its secret in 8.000000 seconds',
    false,
  ],
  [
    { kind: 'client-not-found', keyId: 'ABC', address: '::1' },
    'Client with address ::1 and key ID ABC could not be found',
    false,
  ],
];

test('signals are told in the words of the original', () => {
  for (const [signal, text, verbose] of TOLD) {
    assert.deepEqual(toldText(signal, 'foo'), { text, verbose });
  }
});

test('a change of properties shows in the row and is not told', () => {
  assert.equal(
    toldText({ kind: 'properties-changed', path, changes: {}, secret: true }, 'foo'),
    null,
  );
});
