/** What waits for the disk: in order, carried out when durable, and never without bound. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Client } from '../../src/core/client.ts';
import type { Effect } from '../../src/core/client-effect.ts';
import { WaitingChanges } from '../../src/server/waiting-changes.ts';
import { makeClient } from '../dbus/fake-model.ts';
import { settle } from '../support/simulated-clock.ts';

const client = makeClient('foo');
const SENT: Effect = { kind: 'signal', signal: { name: 'GotSecret' } };
const changed = (name: 'Enabled' | 'Expires'): Effect => ({
  kind: 'properties-changed',
  names: [name],
});

function waitingChanges() {
  const told: Effect[] = [];
  const saves: PromiseWithResolvers<void>[] = [];
  const durable: Client[] = [];
  const changes = new WaitingChanges({
    save: () => {
      const save = Promise.withResolvers<void>();
      saves.push(save);
      return save.promise;
    },
    carryOut: (effects) => told.push(...effects),
    durable: (one) => durable.push(one),
    failed: () => assert.fail('nothing fails'),
  });
  return { changes, told, saves, durable };
}

test('a thousand changes while one save is under way are one save and a little news', async () => {
  const { changes, told, saves } = waitingChanges();
  const first = Promise.withResolvers<void>();
  const all = [changes.add(client, [changed('Expires')], first.promise)];
  for (let round = 0; round < 1000; round++) {
    all.push(changes.add(client, [changed('Expires')], 'later'));
    all.push(changes.add(client, [SENT], null));
  }
  assert.equal(saves.length, 0);
  first.resolve();
  await settle();
  assert.equal(saves.length, 1);
  assert.equal(told.length, 1, 'what is not durable is not told');
  saves[0]?.resolve();
  await Promise.all(all);
  assert.ok(told.length < 40, `${told.length} pieces of news`);
  const kinds = new Set(told.slice(1).map(({ kind }) => kind));
  assert.deepEqual(kinds, new Set(['signal', 'properties-changed']));
  assert.ok(changes.empty);
});

test('a lock-out that the ledger has is told, though a save before it never ends', async () => {
  const { changes, told, saves } = waitingChanges();
  const stuck = Promise.withResolvers<void>();
  const before = changes.add(client, [SENT], stuck.promise);
  const putOff = changes.add(client, [changed('Expires')], 'later');
  const lockOut = Promise.resolve();
  changes.includedIn(lockOut);
  const after = changes.add(client, [changed('Enabled')], lockOut);
  changes.carryOutSaved(lockOut);
  assert.deepEqual(told, [changed('Expires'), changed('Enabled')]);
  stuck.resolve();
  await Promise.all([before, putOff, after]);
  assert.deepEqual(told, [changed('Expires'), changed('Enabled'), SENT], 'each told once');
  assert.equal(saves.length, 0);
});

test('what needs no save is carried out at once when nothing waits', async () => {
  const { changes, told, durable } = waitingChanges();
  const done = changes.add(client, [SENT], null);
  assert.deepEqual(told, [SENT]);
  assert.deepEqual(durable, []);
  await done;
});
