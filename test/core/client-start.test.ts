/** Who is alive after a start: promises F1, F3 and F4 as far as they are decisions. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { LockOutReason } from '../../src/core/client.ts';
import { startClient } from '../../src/core/client-start.ts';
import {
  type LedgerChange,
  type LedgerState,
  ledgerStates,
  NOT_IN_LEDGER,
} from '../../src/core/ledger-entry.ts';
import { minutes, seconds } from '../../src/core/time.ts';
import { DAY, LifeWorld, MINUTE, newClient, SECOND, YEAR } from './life-world.ts';
import {
  ALIVE,
  FIRST_START,
  leftOf,
  rebootAfter,
  restartAfter,
  restored,
  rowOf,
  section,
  signOf,
} from './stored-life.ts';

const FAILED = 1 << 8;
const LOCKED_OUT: LedgerState = { standing: 'locked-out', entries: 1 };
const checked = (): LifeWorld => new LifeWorld().live(10 * MINUTE);
const failing = (): LifeWorld => checked().live(2 * MINUTE, FAILED);
const disabled = (reason: LockOutReason) => ({ kind: 'disabled', reason });

describe('a client that nobody knew', () => {
  test('is added alive, or as clients.conf says', () => {
    const first = startClient(section(), { kind: 'none' }, NOT_IN_LEDGER, FIRST_START);
    assert.equal(leftOf(first, FIRST_START), 3 * MINUTE);
    assert.deepEqual(first.ledger, { kind: 'added', enabled: true });
    const off = section({ enabled: false });
    const second = startClient(off, { kind: 'none' }, NOT_IN_LEDGER, FIRST_START);
    assert.equal(leftOf(second, FIRST_START), null);
    assert.deepEqual(second.ledger, { kind: 'added', enabled: false });
  });
});

describe('F1: dead stays dead', () => {
  const states: readonly LedgerState[] = [ALIVE, LOCKED_OUT, { standing: 'alive', entries: 7 }];

  test('a name that the ledger knows and the database does not is locked out', () => {
    for (const stored of [{ kind: 'none' }, { kind: 'damaged' }] as const) {
      for (const known of states) {
        const outcome = startClient(section(), stored, known, FIRST_START);
        assert.ok(outcome.kind === 'client');
        assert.deepEqual(outcome.client.life, disabled('state-lost'));
        const told = known.standing === 'locked-out';
        const entry = { kind: 'locked-out', reason: 'state-lost' };
        assert.deepEqual(outcome.ledger, told ? null : entry);
      }
    }
  });

  test('a damaged row locks out even a name that the ledger does not know', () => {
    const outcome = startClient(section(), { kind: 'damaged' }, NOT_IN_LEDGER, FIRST_START);
    assert.equal(leftOf(outcome, FIRST_START), null);
  });

  test('a row that the ledger knows nothing of, or has gone past, is not believed', () => {
    const world = checked();
    for (const known of [NOT_IN_LEDGER, { standing: 'alive', entries: 3 } as const]) {
      const { client, ledger } = restored(rowOf(world), restartAfter(world, 0), {}, known);
      assert.deepEqual(client.life, disabled('state-lost'));
      assert.deepEqual(ledger, { kind: 'locked-out', reason: 'state-lost' });
    }
  });

  test('the stricter of row and ledger wins, either way round', () => {
    const world = checked();
    const context = restartAfter(world, 0);
    assert.equal(leftOf(restored(rowOf(world), context, {}, LOCKED_OUT), context), null);
    world.happen({ kind: 'disable' });
    const { client, ledger } = restored(rowOf(world), context);
    assert.deepEqual(client.life, disabled('operator'));
    assert.deepEqual(ledger, { kind: 'locked-out', reason: 'operator' });
  });

  test('changing `enabled` in clients.conf is an act of the operator, both ways', () => {
    const world = checked();
    const context = restartAfter(world, 60);
    const off = restored(rowOf(world), context, { enabled: false });
    assert.deepEqual(off.client.life, disabled('configured'));
    assert.notEqual(off.client.lastEnabled, context.now.wall);
    world.happen({ kind: 'disable' });
    const row = rowOf(world);
    const dead = { ...row, written: { ...row.written, enabled: 'false' } };
    const on = restored(dead, context, {}, LOCKED_OUT);
    assert.equal(leftOf(on, context), 3 * MINUTE);
    assert.deepEqual(on.ledger, { kind: 'enabled', by: 'clients.conf' });
    assert.equal(on.client.lastEnabled, context.now.wall);
  });

  test('an `enabled` that was there before revives nobody', () => {
    const world = checked().happen({ kind: 'disable' });
    const context = restartAfter(world, 0);
    assert.equal(leftOf(restored(rowOf(world), context, {}, LOCKED_OUT), context), null);
    const forgetful = { ...rowOf(world), written: {} };
    assert.equal(leftOf(restored(forgetful, context, {}, LOCKED_OUT), context), null);
  });

  test('an older row that came back does not repeat an old change of `enabled`', () => {
    const world = checked().happen({ kind: 'disable' });
    const row = rowOf(world);
    const old = { ...row, written: { ...row.written, enabled: 'false' } };
    const known: LedgerState = { standing: 'locked-out', entries: 3 };
    const context = restartAfter(world, 0);
    assert.equal(leftOf(restored(old, context, {}, known), context), null);
  });

  test('nor does a row of a name that the ledger has forgotten', () => {
    const world = checked().happen({ kind: 'disable' });
    const row = rowOf(world);
    const old = { ...row, written: { ...row.written, enabled: 'false' }, ledgerEntries: 3 };
    const known: LedgerState = { standing: 'unknown', entries: 3 };
    const context = restartAfter(world, 0);
    assert.equal(leftOf(restored(old, context, {}, known), context), null);
  });

  test('the ledger says where a name stands after its last entry, and after how many', () => {
    const entry = (change: LedgerChange) => ({ name: 'foo', at: 0, change });
    const entries = [
      entry({ kind: 'added', enabled: true }),
      entry({ kind: 'locked-out', reason: 'expired' }),
      entry({ kind: 'enabled', by: 'd-bus' }),
      entry({ kind: 'removed' }),
      entry({ kind: 'forgotten', why: 'section-gone' }),
    ];
    const expected = ['alive', 'locked-out', 'alive', 'removed', 'unknown'];
    entries.forEach((_, index) => {
      const state = ledgerStates(entries.slice(0, index + 1)).get('foo');
      assert.deepEqual(state, { standing: expected[index], entries: index + 1 });
    });
  });
});

describe('F3: time cannot be stretched', () => {
  test('a restart within one boot takes exactly the downtime from the lease', () => {
    const world = failing();
    const left = world.left ?? Number.NaN;
    const context = restartAfter(world, 10 * SECOND);
    assert.equal(leftOf(restored(rowOf(world), context), context), Math.floor(left - 10_000));
  });

  test('after a last check that succeeded a client gets one timeout, once', () => {
    const world = checked();
    const context = rebootAfter(world, DAY);
    const first = restored(rowOf(world), context);
    assert.equal(leftOf(first, context), 5 * MINUTE);
    const again = new LifeWorld(first.client);
    again.bootJump = context.now.boot - again.now.boot;
    again.wallJump = context.now.wall - again.now.wall;
    again.advance(MINUTE);
    const row = rowOf(again, { savedAt: { ...signOf(again), bootId: 'boot 2' } });
    const next = { ...restartAfter(again, MINUTE), bootId: 'boot 2', lastSign: row.savedAt };
    assert.equal(leftOf(restored(row, next), next), 3 * MINUTE);
    const nextDay = { ...restartAfter(again, DAY), bootId: 'boot 2', lastSign: row.savedAt };
    const third = restored(row, nextDay);
    assert.deepEqual(third.client.life, disabled('downtime'));
  });

  test('after a last check that failed it gets what was left, or nothing', () => {
    const world = failing();
    const left = world.left ?? Number.NaN;
    const soon = rebootAfter(world, SECOND);
    assert.equal(leftOf(restored(rowOf(world), soon), soon), Math.floor(left - SECOND));
    const late = restored(rowOf(world), rebootAfter(world, left));
    assert.deepEqual(late.client.life, disabled('downtime'));
    assert.deepEqual(late.ledger, { kind: 'locked-out', reason: 'downtime' });
  });

  test('a client that was never checked gets what was left', () => {
    const world = new LifeWorld().advance(30 * SECOND);
    const context = restartAfter(world, 30 * SECOND);
    assert.equal(leftOf(restored(rowOf(world), context), context), 2 * MINUTE);
  });

  test('a lease that ended before the last sign of life is over, grace or not', () => {
    const world = checked();
    const row = rowOf(world);
    world.offset += 10 * MINUTE;
    const { client } = restored(row, restartAfter(world, 0));
    assert.deepEqual(client.life, disabled('expired'));
  });

  test('a wall clock behind the last sign of life means that the lease has passed', () => {
    const world = failing();
    assert.equal(restored(rowOf(world), rebootAfter(world, -1)).client.life.kind, 'disabled');
    const good = checked();
    const context = rebootAfter(good, -10 * YEAR);
    assert.equal(leftOf(restored(rowOf(good), context), context), 5 * MINUTE);
  });

  test('within one boot the wall clock does not matter', () => {
    for (const jump of [-10 * YEAR, 10 * YEAR]) {
      const world = failing();
      const left = world.left ?? Number.NaN;
      const row = rowOf(world);
      world.wallJump = jump;
      const context = restartAfter(world, SECOND);
      assert.equal(leftOf(restored(row, context), context), Math.floor(left - SECOND));
    }
  });

  test('a client with little left is checked before it is out', () => {
    const world = failing();
    const context = restartAfter(world, SECOND);
    const { life } = restored(rowOf(world), { ...context, random: 0.999 }).client;
    assert.ok(life.kind === 'enabled');
    assert.ok(life.nextCheck < (context.now.boot + life.expires.boot) / 2 + 1);
  });

  test('a client that an operator enabled gets no grace before it was checked', () => {
    const world = checked().happen({ kind: 'disable' }).happen({ kind: 'enable' });
    const { client } = restored(rowOf(world), rebootAfter(world, DAY));
    assert.deepEqual(client.life, disabled('downtime'));
  });
});

describe('F4: one bad stanza is one bad client', () => {
  test('a typo and its repair leave a client as alive as it was', () => {
    const world = checked();
    const left = world.left ?? Number.NaN;
    const typo = restartAfter(world, 0);
    const aside = startClient({ kind: 'bad' }, { kind: 'row', row: rowOf(world) }, ALIVE, typo);
    assert.ok(aside.kind === 'not-served' && aside.row !== null);
    assert.equal(aside.ledger, null);
    world.offset += 30 * SECOND;
    const soon = restartAfter(world, 0);
    assert.equal(leftOf(restored(aside.row, soon), soon), 5 * MINUTE);
    world.offset += DAY;
    const late = restartAfter(world, 0);
    assert.equal(leftOf(restored(aside.row, late), late), 5 * MINUTE);
    assert.ok(left < 5 * MINUTE);
  });

  test('or as dead', () => {
    const world = checked().happen({ kind: 'disable' });
    const stored = { kind: 'row', row: rowOf(world) } as const;
    const aside = startClient({ kind: 'bad' }, stored, LOCKED_OUT, restartAfter(world, 0));
    assert.ok(aside.kind === 'not-served' && aside.row !== null);
    const context = restartAfter(world, DAY);
    assert.equal(leftOf(restored(aside.row, context, {}, LOCKED_OUT), context), null);
  });

  test('a second start with the typo does not move the time at which it was last watched', () => {
    const world = checked();
    const bad = { kind: 'bad' } as const;
    const first = startClient(
      bad,
      { kind: 'row', row: rowOf(world) },
      ALIVE,
      restartAfter(world, 0),
    );
    assert.ok(first.kind === 'not-served' && first.row !== null);
    world.offset += DAY;
    const stored = { kind: 'row', row: first.row } as const;
    const second = startClient(bad, stored, ALIVE, restartAfter(world, 0));
    assert.ok(second.kind === 'not-served');
    assert.deepEqual(second.row, first.row);
  });

  test('a damaged row of a broken section is remembered as a lock-out', () => {
    const outcome = startClient({ kind: 'bad' }, { kind: 'damaged' }, ALIVE, FIRST_START);
    const entry = { kind: 'locked-out', reason: 'state-lost' };
    assert.deepEqual(outcome, { kind: 'not-served', row: null, ledger: entry });
  });

  test('a client removed over D-Bus stays removed until its section was absent for a start', () => {
    const world = checked().happen({ kind: 'remove' });
    const row = rowOf(world);
    const known: LedgerState = { standing: 'removed', entries: 2 };
    const context = restartAfter(world, 0);
    for (const what of [section(), section({ enabled: false }), { kind: 'bad' } as const]) {
      for (const stored of [{ kind: 'row', row } as const, { kind: 'none' } as const]) {
        assert.equal(startClient(what, stored, known, context).kind, 'not-served');
      }
      assert.equal(startClient(what, { kind: 'row', row }, ALIVE, context).kind, 'not-served');
    }
    const gone = startClient({ kind: 'gone' }, { kind: 'row', row }, known, context);
    const entry = { kind: 'forgotten', why: 'section-gone' };
    assert.deepEqual(gone, { kind: 'forgotten', ledger: entry });
    const back = startClient(section(), { kind: 'none' }, NOT_IN_LEDGER, context);
    assert.equal(back.kind, 'client');
  });
});

describe('settings', () => {
  test('what changed in clients.conf wins over what was stored, and nothing else does', () => {
    const world = checked();
    world.happen({ kind: 'set', property: 'Host', value: 'set over D-Bus' });
    world.happen({ kind: 'set', property: 'ApprovalDelay', value: seconds(7) });
    const context = restartAfter(world, 0);
    const same = restored(rowOf(world), context);
    assert.equal(same.client.settings.host, 'set over D-Bus');
    assert.equal(same.secret, 'stored');
    const changed = restored(rowOf(world), context, { host: 'new', timeout: minutes(9) });
    assert.equal(changed.client.settings.host, 'new');
    assert.equal(changed.client.settings.timeout, 9 * MINUTE);
    assert.equal(changed.client.settings.approvalDelay, 7 * SECOND);
  });

  test('a changed secret is the file’s', () => {
    const world = checked();
    const row = rowOf(world);
    const old = { ...row, written: { ...row.written, secret: 'sha256:2' } };
    assert.equal(restored(old, restartAfter(world, 0)).secret, 'file');
  });

  test('what is shown of the past outlives a restart', () => {
    const world = checked();
    const { client } = restored(rowOf(world), restartAfter(world, SECOND));
    for (const part of ['created', 'lastEnabled', 'lastCheckedOk', 'lastCheckerStatus'] as const) {
      assert.equal(client[part], world.client[part]);
    }
    assert.deepEqual(client.checker, { kind: 'idle' });
    assert.equal(newClient().lastCheckerStatus, -2);
  });
});
