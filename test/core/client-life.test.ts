import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { mayHaveSecret } from '../../src/core/approval.ts';
import type { CheckId } from '../../src/core/client.ts';
import { nextWakeUp } from '../../src/core/client-life.ts';
import { milliseconds, minutes, seconds } from '../../src/core/time.ts';
import { DAY, LifeWorld, MINUTE, newClient, SECOND, START } from './life-world.ts';

const FAILED = 1 << 8;
const KILLED = 9;

describe('the lease', () => {
  test('a new client is checked within an interval and lives one more', () => {
    const { life } = newClient();
    assert.ok(life.kind === 'enabled');
    assert.equal(life.nextCheck - START.boot, MINUTE);
    assert.equal(life.expires.boot - START.boot, 3 * MINUTE);
    assert.equal(life.expires.wall - START.wall, 3 * MINUTE);
  });

  test('a client whose checks succeed lives for ever', () => {
    const world = new LifeWorld().live(30 * DAY);
    assert.equal(world.client.life.kind, 'enabled');
    assert.deepEqual(world.ledger, []);
  });

  test('a client whose checks fail is out at its timeout, and stays out', () => {
    const world = new LifeWorld().live(10 * MINUTE);
    const left = world.left ?? Number.NaN;
    world.live(left - 1, FAILED);
    assert.equal(world.client.life.kind, 'enabled');
    world.live(1, FAILED);
    assert.deepEqual(world.client.life, { kind: 'disabled', reason: 'expired' });
    assert.deepEqual(world.ledger, [{ kind: 'locked-out', reason: 'expired' }]);
    world.live(DAY);
    assert.equal(world.client.life.kind, 'disabled');
  });

  test('a successful check gives one timeout from now', () => {
    const world = new LifeWorld()
      .advance(MINUTE)
      .startCheckers()
      .advance(20 * SECOND);
    world.endChecker(0);
    assert.equal(world.left, 5 * MINUTE);
    assert.deepEqual(world.changed, [
      'CheckerRunning',
      'LastCheckerStatus',
      'LastCheckedOK',
      'Expires',
    ]);
  });

  test('a failed check changes nothing but the status', () => {
    const world = new LifeWorld().advance(MINUTE).startCheckers();
    const before = world.client.life;
    world.endChecker(FAILED);
    assert.deepEqual(world.client.life, before);
    assert.deepEqual(world.changed, ['CheckerRunning', 'LastCheckerStatus']);
    assert.equal(world.client.lastCheckerStatus, 1);
  });

  test('a checker that a signal ended has the status -1', () => {
    const world = new LifeWorld().advance(MINUTE).startCheckers().endChecker(KILLED);
    assert.equal(world.client.lastCheckerStatus, -1);
    assert.deepEqual(world.signals.at(-1), {
      name: 'CheckerCompleted',
      exitCode: -1,
      waitStatus: 9,
      command: 'true',
    });
  });

  test('a secret that was sent gives the extended timeout, and the next check takes it back', () => {
    const world = new LifeWorld().live(10 * MINUTE);
    world.ask();
    world.happen({ kind: 'secret-sent' });
    assert.equal(world.left, 15 * MINUTE);
    assert.deepEqual(world.changed, ['Expires']);
    assert.deepEqual(world.effects.at(-1), { kind: 'signal', signal: { name: 'GotSecret' } });
    world.advance(MINUTE).startCheckers().endChecker(0);
    assert.equal(world.left, 5 * MINUTE);
  });

  test('a secret that arrived after the lock-out extends nothing', () => {
    const world = new LifeWorld();
    world.ask();
    world.advance(DAY).happen({ kind: 'secret-sent' });
    assert.equal(world.client.life.kind, 'disabled');
    assert.equal(world.signals.at(-1)?.name, 'GotSecret');
  });

  test('a check that succeeds at the moment of expiry comes too late', () => {
    const world = new LifeWorld().advance(MINUTE).startCheckers();
    world.advance(2 * MINUTE).endChecker(0);
    assert.equal(world.client.life.kind, 'disabled');
    assert.equal(world.client.lastCheckedOk, null);
  });

  test('a wall clock that jumps years changes nothing', () => {
    for (const jump of [-3650 * DAY, 3650 * DAY]) {
      const world = new LifeWorld().live(10 * MINUTE);
      const { left } = world;
      world.wallJump = jump;
      world.happen({ kind: 'tick' });
      assert.equal(world.left, left);
      assert.deepEqual(world.effects, []);
    }
  });
});

describe('enabling and disabling', () => {
  test('enabling gives the first check after one interval and two to live', () => {
    const world = new LifeWorld(newClient({ enabled: false })).happen({ kind: 'enable' });
    assert.equal(world.left, 4 * MINUTE);
    assert.deepEqual(world.changed, ['Enabled', 'LastEnabled', 'Expires']);
    assert.deepEqual(world.ledger, [{ kind: 'enabled', by: 'd-bus' }]);
    assert.deepEqual(world.effects[0]?.kind, 'save');
    world.advance(2 * MINUTE - 1);
    assert.equal(world.checkers.size, 0);
    world.advance(1);
    assert.equal(world.checkers.size, 1);
  });

  test('enabling the enabled and disabling the disabled does nothing', () => {
    const world = new LifeWorld().happen({ kind: 'enable' });
    assert.deepEqual(world.effects, []);
    world.happen({ kind: 'disable' }).happen({ kind: 'disable' });
    assert.deepEqual(world.effects, []);
  });

  test('disabling kills the checker and tells it in the order of the original', () => {
    const world = new LifeWorld().advance(MINUTE).startCheckers().happen({ kind: 'disable' });
    assert.deepEqual(
      world.effects.map((one) => one.kind),
      ['save', 'kill-checker', 'properties-changed'],
    );
    assert.deepEqual(world.changed, ['Expires', 'CheckerRunning', 'Enabled']);
    assert.equal(nextWakeUp(world.client), null);
  });

  test('an operator who enables at the moment of expiry is heard, and the ledger told', () => {
    const world = new LifeWorld();
    world.offset = 3 * MINUTE;
    world.happen({ kind: 'enable' });
    assert.equal(world.left, 4 * MINUTE);
    assert.deepEqual(world.ledger, [{ kind: 'enabled', by: 'd-bus' }]);
  });

  test('a removed client is out for good', () => {
    const world = new LifeWorld().advance(MINUTE).happen({ kind: 'remove' });
    assert.deepEqual(world.ledger, [{ kind: 'removed' }]);
    assert.equal(world.checkers.size, 0);
    world.happen({ kind: 'enable' }).happen({ kind: 'checked-ok' });
    world.happen({ kind: 'start-checker' });
    assert.deepEqual(world.effects, []);
    assert.deepEqual(world.client.life, { kind: 'removed' });
    const peer = world.ask();
    assert.equal(world.peers.get(peer), 'refused');
    assert.deepEqual(world.signals, []);
  });
});

describe('the checker', () => {
  test('one that is still running when the next is due is left running', () => {
    const world = new LifeWorld(newClient({ timeout: minutes(30) })).live(2 * MINUTE);
    world.advance(MINUTE).startCheckers();
    const { checks } = world.client;
    world.advance(10 * MINUTE);
    assert.equal(world.client.checks, checks);
    assert.deepEqual([...world.checkers.values()], ['running']);
    world.endChecker(0).advance(2 * MINUTE);
    assert.equal(world.client.checks, checks + 1);
  });

  test('the operator starts one now and stops it, without a word of its end', () => {
    const world = new LifeWorld().happen({ kind: 'start-checker' }).startCheckers();
    assert.deepEqual(world.changed, ['CheckerRunning']);
    assert.deepEqual(world.signals, [{ name: 'CheckerStarted', command: 'true' }]);
    world.happen({ kind: 'start-checker' });
    assert.deepEqual(world.effects, []);
    world.happen({ kind: 'stop-checker' });
    assert.deepEqual(world.changed, ['CheckerRunning']);
    world.happen({ kind: 'checker-completed', check: 1 as CheckId, waitStatus: 0 });
    assert.deepEqual(world.effects, []);
    assert.equal(world.client.lastCheckedOk, null);
  });

  test('one that an operator runs on a disabled client enables nobody', () => {
    const world = new LifeWorld().happen({ kind: 'disable' }).happen({ kind: 'start-checker' });
    world.startCheckers().endChecker(0);
    assert.equal(world.client.life.kind, 'disabled');
    assert.deepEqual(world.changed, ['CheckerRunning', 'LastCheckerStatus', 'LastCheckedOK']);
    assert.equal(nextWakeUp(world.client), null);
  });

  test('one that could not be started is tried again an interval later', () => {
    const world = new LifeWorld(newClient({ timeout: minutes(30) })).live(2 * MINUTE);
    world.advance(MINUTE);
    const [check] = world.checkers.keys();
    assert.ok(check !== undefined);
    world.checkers.delete(check);
    world.happen({ kind: 'checker-not-started', check });
    assert.equal(world.client.lastCheckerStatus, 0);
    world.advance(2 * MINUTE);
    assert.equal(world.checkers.size, 1);
  });

  test('the operator vouches for a client', () => {
    const world = new LifeWorld().happen({ kind: 'checked-ok' });
    assert.equal(world.left, 5 * MINUTE);
    assert.deepEqual(world.changed, ['LastCheckedOK', 'LastCheckerStatus', 'Expires']);
    world.happen({ kind: 'disable' }).happen({ kind: 'checked-ok' });
    assert.equal(world.client.life.kind, 'disabled');
  });

  test('an interval of nothing does not keep the server busy for ever', () => {
    const world = new LifeWorld(newClient({ interval: milliseconds(0) }));
    world.happen({ kind: 'checked-ok' }).advance(SECOND);
    assert.ok(world.client.checks <= 1);
  });
});

describe('settings', () => {
  test('a longer timeout lengthens the lease by the difference, a shorter shortens it', () => {
    const world = new LifeWorld().live(10 * MINUTE);
    const left = world.left ?? Number.NaN;
    world.happen({ kind: 'set', property: 'Timeout', value: minutes(7) });
    assert.equal(world.left, left + 2 * MINUTE);
    assert.deepEqual(world.changed, ['Timeout', 'Expires']);
    world.happen({ kind: 'set', property: 'Timeout', value: minutes(5) });
    assert.equal(world.left, left);
  });

  test('a timeout that has passed locks out', () => {
    const world = new LifeWorld().happen({ kind: 'set', property: 'Timeout', value: seconds(1) });
    assert.deepEqual(world.client.life, { kind: 'disabled', reason: 'timeout-shortened' });
    assert.deepEqual(world.changed, ['Timeout', 'Expires', 'Enabled']);
  });

  test('the timeout of a disabled client changes nothing else', () => {
    const world = new LifeWorld(newClient({ enabled: false }));
    world.happen({ kind: 'set', property: 'Timeout', value: minutes(9) });
    assert.deepEqual(world.changed, ['Timeout']);
  });

  test('a set interval starts a check now, even when it is the same', () => {
    const world = new LifeWorld();
    world.happen({ kind: 'set', property: 'Interval', value: minutes(2) });
    assert.deepEqual(world.changed, []);
    assert.equal(world.checkers.size, 1);
    world
      .startCheckers()
      .endChecker(0)
      .advance(2 * MINUTE - 1);
    assert.equal(world.checkers.size, 0);
    world.advance(1);
    assert.equal(world.checkers.size, 1);
  });

  test('a value that is what it was is not told; the secret only as changed', () => {
    const world = new LifeWorld();
    world.happen({ kind: 'set', property: 'Host', value: 'foo.example' });
    assert.deepEqual(world.changed, []);
    world.happen({ kind: 'set', property: 'Host', value: '::1' });
    assert.deepEqual(world.changed, ['Host']);
    assert.equal(world.client.settings.host, '::1');
    world.happen({ kind: 'set-secret' });
    assert.deepEqual(world.effects, [
      { kind: 'save', ledger: null },
      { kind: 'properties-changed', names: ['Secret'] },
    ]);
  });
});

describe('sleep', () => {
  const woke = (world: LifeWorld, slept: number): LifeWorld => {
    world.offset += slept;
    return world.happen({ kind: 'woke', slept: milliseconds(slept), random: 0.5 });
  };

  test('a client whose last check succeeded gets one timeout, once until a check completes', () => {
    const world = woke(new LifeWorld().live(10 * MINUTE), DAY);
    assert.equal(world.left, 5 * MINUTE);
    woke(world, DAY);
    assert.deepEqual(world.client.life, { kind: 'disabled', reason: 'downtime' });
  });

  test('and again after a check', () => {
    const world = woke(new LifeWorld().live(10 * MINUTE), DAY).live(10 * MINUTE);
    assert.equal(woke(world, DAY).left, 5 * MINUTE);
  });

  test('it is checked soon', () => {
    const world = woke(new LifeWorld().live(10 * MINUTE), DAY).advance(2 * MINUTE);
    assert.equal(world.checkers.size, 1);
  });

  test('a client whose last check failed gets what was left', () => {
    const world = new LifeWorld().live(10 * MINUTE).live(2 * MINUTE, FAILED);
    const left = world.left ?? Number.NaN;
    assert.equal(woke(world, 10 * SECOND).left, left - 10 * SECOND);
    assert.deepEqual(woke(world, DAY).client.life, { kind: 'disabled', reason: 'downtime' });
  });

  test('a lease that had ended before is over, whatever the last check said', () => {
    const world = new LifeWorld().live(10 * MINUTE);
    world.offset += (world.left ?? Number.NaN) + DAY;
    world.happen({ kind: 'woke', slept: milliseconds(DAY), random: 0 });
    assert.deepEqual(world.client.life, { kind: 'disabled', reason: 'expired' });
  });
});

test('the gate is told no from the moment of expiry, tick or no tick', () => {
  const world = new LifeWorld();
  world.offset = 3 * MINUTE - 1;
  assert.ok(mayHaveSecret(world.client, world.now));
  world.offset += 1;
  assert.ok(!mayHaveSecret(world.client, world.now));
});
