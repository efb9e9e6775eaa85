/** What is stored can be read again, whatever an operator has set (F1, F4). */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { ClientEvent } from '../../../src/core/client-event.ts';
import { nextWakeUp, transition } from '../../../src/core/client-life.ts';
import { toRow } from '../../../src/core/client-row.ts';
import { instant, LONGEST_SETTING, milliseconds, wallTime } from '../../../src/core/time.ts';
import { readClient } from '../../../src/server/store/row-format.ts';
import { newClient, START } from '../../core/life-world.ts';

const extreme = fc.constantFrom(
  milliseconds(0),
  milliseconds(1),
  milliseconds(60_000),
  milliseconds(LONGEST_SETTING - 1),
  LONGEST_SETTING,
);

const event: fc.Arbitrary<ClientEvent> = fc.oneof(
  fc.constantFrom<ClientEvent[]>(
    { kind: 'tick' },
    { kind: 'enable' },
    { kind: 'disable' },
    { kind: 'checked-ok' },
    { kind: 'secret-sent' },
  ),
  fc.record({
    kind: fc.constant('set' as const),
    property: fc.constantFrom('Timeout' as const, 'ExtendedTimeout' as const, 'Interval' as const),
    value: extreme,
  }),
  fc.record({ kind: fc.constant('woke' as const), slept: extreme, random: fc.constant(0.999) }),
);

const settings = fc.record({ timeout: extreme, extendedTimeout: extreme, interval: extreme });

test('a row can be read again after the longest and the shortest settings in any order', () => {
  fc.assert(
    fc.property(settings, fc.array(event, { maxLength: 20 }), (more, events) => {
      let now = START;
      let client = newClient(more, now);
      for (const one of [{ kind: 'tick' } as const, ...events]) {
        now = { boot: instant(now.boot + 1000), wall: wallTime(now.wall + 1000) };
        client = transition(client, one, now).client;
        const row = toRow(client, now, { bootId: 'boot', written: {}, ledgerEntries: 1 });
        assert.deepEqual(readClient(JSON.stringify(row)), row, JSON.stringify(row));
        assert.ok(nextWakeUp(client) === null || Number.isFinite(nextWakeUp(client)));
      }
    }),
    { numRuns: 500 },
  );
});

test('what is stored of a lease is never more than is left of it (F3)', () => {
  const client = newClient();
  assert.ok(client.life.kind === 'enabled');
  for (const fraction of [0, 0.001, 0.25, 0.5, 0.999]) {
    const now = { boot: instant(START.boot + 1000 + fraction), wall: wallTime(START.wall + 1000) };
    const { life } = toRow(client, now, { bootId: 'boot', written: {}, ledgerEntries: 1 });
    assert.ok(life.kind === 'enabled');
    const left: number = client.life.expires.boot - now.boot;
    assert.ok(life.left <= left && life.left > left - 1, `${life.left} of ${left}`);
  }
});
