/** What the original is given to go on from: what in it is a matter of life and death (F1, F3). */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { StoredClient, StoredLife } from '../../../src/core/stored-client.ts';
import type { NameState } from '../../../src/server/store/ledger-record.ts';
import { readOriginalState } from '../../../src/server/store/original-state.ts';
import { isKind } from '../../../src/server/store/pickle.ts';
import type { PickleValue } from '../../../src/server/store/pickle-value.ts';
import { writePickle } from '../../../src/server/store/pickle-writer.ts';
import { stateForOriginal } from '../../../src/server/store/state-for-original.ts';
import { storedAt } from './state-world.ts';

const DAY = 86_400_000;
const enabled = (graceUsed: boolean): StoredLife => ({ kind: 'enabled', left: 5000, graceUsed });
const DISABLED: StoredLife = { kind: 'disabled', reason: 'expired' };

function client(name: string, life: StoredLife, more: Partial<StoredClient> = {}): StoredClient {
  return {
    name,
    settings: {
      ...{ keyId: null, fingerprint: 'A', host: 'h', checker: 'true', approvedByDefault: true },
      ...{ timeout: 7_200_000, extendedTimeout: 1000, interval: 60 * DAY },
      ...{ approvalDelay: 0, approvalDuration: 1000 },
    },
    life,
    savedAt: storedAt(0),
    lastWatched: null,
    written: { interval: String(60 * DAY), enabled: 'true' },
    ledgerEntries: 1,
    created: Number.MAX_SAFE_INTEGER,
    ...{ lastEnabled: null, lastCheckedOk: 1, lastApprovalRequest: null },
    lastCheckerStatus: 0,
    ...more,
  };
}

type Field = (name: string, field: string) => PickleValue | undefined;

function given(
  clients: readonly StoredClient[],
  states: readonly Pick<NameState, 'name' | 'standing'>[],
): { first: Field; second: Field; names: string[] } {
  const known = new Map(
    states.map(({ name, standing }) => [name, { name, standing, reason: null, entries: 1 }]),
  );
  const rows = new Map(clients.map((one) => [one.name, { client: one, sealed: null }]));
  const lastSign = storedAt(1);
  const content = { rows, known, complete: true, lastSign, problems: [], notices: [] };
  const state = stateForOriginal(content, new Map(), storedAt(2));
  // It can be written, and read as the original's.
  const names = readOriginalState(writePickle(state)).map(({ name }) => name);
  const field = (half: number) => (name: string, wanted: string) => {
    const pair = isKind(state, 'tuple') ? state.items[half] : undefined;
    const fields = isKind(pair, 'dict') ? pair.items.get(name) : undefined;
    assert.ok(isKind(fields, 'dict'), `${name} is not in half ${half}`);
    return fields.items.get(wanted);
  };

  return { first: field(0), second: field(1), names };
}

test('who is not alive in ledger and row is disabled, and cannot be enabled by mistake', () => {
  const { first, second, names } = given(
    [
      client('alive', enabled(false)),
      client('dead', DISABLED),
      client('ahead', enabled(false), { ledgerEntries: 2 }),
      client('ended', { kind: 'enabled', left: 900, graceUsed: false }),
      client('removed', { kind: 'removed' }),
    ],
    [
      ...(['alive', 'ahead', 'ended', 'rowless'] as const).map((name) => {
        return { name, standing: 'alive' } as const;
      }),
      { name: 'dead', standing: 'locked-out' },
      { name: 'removed', standing: 'removed' },
      { name: 'forgotten', standing: 'unknown' },
    ],
  );
  assert.deepEqual(names.toSorted(), ['ahead', 'alive', 'dead', 'ended', 'removed', 'rowless']);
  for (const name of names) {
    assert.equal(first(name, 'enabled'), name === 'alive', name);
    // The original compares it with now before it does anything else.
    assert.ok(isKind(first(name, 'expires'), 'datetime'), name);
  }
  for (const name of ['ahead', 'removed', 'rowless']) {
    assert.equal(second(name, 'enabled'), undefined, name);
  }
  assert.equal(second('dead', 'enabled'), true);
});

test('a grace that was granted is not granted again there', () => {
  const { first } = given(
    [client('fresh', enabled(false)), client('granted', enabled(true))],
    ['fresh', 'granted'].map((name) => ({ name, standing: 'alive' })),
  );
  assert.equal(first('fresh', 'last_checker_status'), 0);
  assert.equal(first('granted', 'last_checker_status'), -2);
});

test('times that its timers cannot bear are shortened, and not because of clients.conf', () => {
  const { first, second } = given(
    [client('slow', enabled(false))],
    [{ name: 'slow', standing: 'alive' }],
  );
  const interval = first('slow', 'interval');
  assert.ok(isKind(interval, 'timedelta') && interval.milliseconds * 2 < 2 ** 32);
  assert.deepEqual(second('slow', 'interval'), { kind: 'timedelta', milliseconds: 60 * DAY });
});
