import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { MOST_WAITING, mayHaveSecret } from '../../src/core/approval.ts';
import { minutes, seconds } from '../../src/core/time.ts';
import { LifeWorld, MINUTE, newClient, SECOND } from './life-world.ts';

const asking = { approvalDelay: seconds(30), approvalDuration: seconds(10) };
const waitingWorld = (more = {}): LifeWorld => new LifeWorld(newClient({ ...asking, ...more }));
const lastSignal = (world: LifeWorld) => world.signals.at(-1);

describe('without a delay', () => {
  test('a client that is approved by default gets its secret at once', () => {
    const world = new LifeWorld();
    assert.equal(world.peers.get(world.ask()), 'given');
    assert.deepEqual(world.effects, [{ kind: 'give-secret', peer: 1 }]);
  });

  test('one that is not is refused at once', () => {
    const world = new LifeWorld(newClient({ approvedByDefault: false }));
    assert.equal(world.peers.get(world.ask()), 'refused');
    assert.deepEqual(lastSignal(world), { name: 'Rejected', reason: 'Approval timed out' });
  });

  test('a disabled client is refused', () => {
    const world = new LifeWorld(newClient({ enabled: false }));
    assert.equal(world.peers.get(world.ask()), 'refused');
    assert.deepEqual(lastSignal(world), { name: 'Rejected', reason: 'Disabled' });
  });
});

describe('with a delay', () => {
  test('the wait is announced, and the default decides at its end', () => {
    for (const approvedByDefault of [true, false]) {
      const world = waitingWorld({ approvedByDefault });
      const peer = world.ask();
      assert.deepEqual(world.changed, ['ApprovalPending', 'LastApprovalRequest']);
      assert.deepEqual(lastSignal(world), {
        name: 'NeedApproval',
        timeout: 30 * SECOND,
        approvedByDefault,
      });
      world.advance(30 * SECOND - 1);
      assert.equal(world.peers.get(peer), 'asking');
      world.advance(1);
      assert.equal(world.peers.get(peer), approvedByDefault ? 'given' : 'refused');
      assert.deepEqual(world.changed, ['ApprovalPending']);
    }
  });

  test('a delay that is changed meanwhile counts for the next peer, a default at once', () => {
    const world = waitingWorld();
    const peer = world.ask();
    world.happen({ kind: 'set', property: 'ApprovalDelay', value: seconds(1) });
    world.happen({ kind: 'set', property: 'ApprovedByDefault', value: false });
    world.advance(30 * SECOND - 1);
    assert.equal(world.peers.get(peer), 'asking');
    world.advance(1);
    assert.equal(world.peers.get(peer), 'refused');
  });

  test('the operator answers all who wait, and the answer holds for approval_duration', () => {
    for (const approved of [true, false]) {
      const expected = approved ? 'given' : 'refused';
      const world = waitingWorld();
      const peers = [world.ask(), world.ask(), world.ask()];
      world.happen({ kind: 'approve', approved });
      assert.deepEqual(
        peers.map((peer) => world.peers.get(peer)),
        [expected, expected, expected],
      );
      if (!approved) assert.deepEqual(lastSignal(world), { name: 'Rejected', reason: 'Denied' });
      world.advance(10 * SECOND - 1);
      assert.equal(world.peers.get(world.ask()), expected);
      world.advance(1);
      assert.equal(world.peers.get(world.ask()), 'asking');
    }
  });

  test('a lock-out sends everybody away, and ends an approval that holds', () => {
    const world = waitingWorld();
    const waiting = world.ask();
    world.happen({ kind: 'disable' });
    assert.equal(world.peers.get(waiting), 'refused');
    assert.deepEqual(world.changed, ['ApprovalPending', 'Expires', 'Enabled']);
    world.happen({ kind: 'enable' });
    world.ask();
    world.happen({ kind: 'approve', approved: true }).happen({ kind: 'disable' });
    world.happen({ kind: 'enable' });
    assert.equal(world.peers.get(world.ask()), 'asking');
  });

  test('a client that expires while a peer waits is refused', () => {
    const world = waitingWorld({ approvalDelay: minutes(60) });
    const peer = world.ask();
    world.advance(3 * MINUTE);
    assert.equal(world.peers.get(peer), 'refused');
  });

  test('only so many may wait', () => {
    const world = waitingWorld();
    for (let i = 0; i < MOST_WAITING; i++) assert.equal(world.peers.get(world.ask()), 'asking');
    assert.equal(world.peers.get(world.ask()), 'refused');
    world.leave(3 as never);
    assert.equal(world.peers.get(world.ask()), 'asking');
  });
});

describe('N4', () => {
  test('a peer that left gets nothing, however late the approval', () => {
    const world = waitingWorld();
    const peer = world.ask();
    world.leave(peer);
    assert.deepEqual(world.changed, ['ApprovalPending']);
    world.happen({ kind: 'approve', approved: true }).advance(MINUTE);
    assert.equal(world.peers.get(peer), 'left');
  });

  test('approving with nobody waiting grants nothing', () => {
    const world = waitingWorld();
    world.happen({ kind: 'approve', approved: true });
    assert.equal(world.peers.get(world.ask()), 'asking');
  });

  test('denying with nobody waiting holds all the same', () => {
    const world = waitingWorld();
    world.happen({ kind: 'approve', approved: false });
    assert.equal(world.peers.get(world.ask()), 'refused');
  });
});

test('a denial stops what was given and not yet released', () => {
  const world = new LifeWorld();
  assert.equal(world.peers.get(world.ask()), 'given');
  world.happen({ kind: 'approve', approved: false });
  assert.ok(!mayHaveSecret(world.client, world.now));
});
