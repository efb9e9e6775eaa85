/** The shell around the lives: order, durability, failures of the store, sleep, keys. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Blob, LARGEST_BLOB } from '../../src/core/secret.ts';
import { minutes, seconds } from '../../src/core/time.ts';
import type { LiveClient } from '../../src/server/live-client.ts';
import { settle } from '../support/simulated-clock.ts';
import { House } from './house.ts';

function lifeOf(client: LiveClient): string {
  return client.state.life.kind;
}

/** The check that runs has succeeded. */
async function success(client: LiveClient): Promise<void> {
  const { checker } = client.state;
  assert.ok(checker.kind !== 'idle');
  await client.apply({ kind: 'checker-completed', check: checker.check, waitStatus: 0 });
}

describe('a living client', () => {
  it('is checked when it is due, lives on when it answers, and is locked out when not', async () => {
    using house = new House();
    const client = house.move();
    await house.clock.advance(minutes(1));
    assert.deepEqual(house.checks, ['start foo 1']);
    await success(client);
    await house.clock.advance(minutes(4));
    assert.equal(lifeOf(client), 'enabled');
    await house.clock.advance(minutes(1));
    assert.equal(lifeOf(client), 'disabled');
    assert.equal(house.checks.at(-1), 'stop foo');
    assert.equal(client.release(), null);
    assert.ok(house.told.includes('Enabled'));
    await house.clock.advance(minutes(60 * 24 * 365));
    assert.equal(lifeOf(client), 'disabled');
    assert.equal(house.clock.pending, 0, 'the dead need no alarm');
  });

  it('tells nobody what is not stored yet', async () => {
    using house = new House();
    const client = house.move();
    house.store.mode = 'held';
    const done = client.apply({ kind: 'checked-ok' });
    await settle();
    assert.deepEqual(house.told, []);
    assert.equal(client.state.lastCheckerStatus, 0);
    await house.store.release();
    await done;
    assert.deepEqual(house.told, ['LastCheckedOK', 'LastCheckerStatus', 'Expires']);
  });

  it('keeps the order of what happened, stored or not', async () => {
    using house = new House();
    const client = house.move();
    house.store.mode = 'held';
    const first = client.apply({ kind: 'checked-ok' });
    const second = client.apply({ kind: 'approve', approved: false });
    const third = client.apply({ kind: 'disable' });
    await house.store.release();
    await Promise.all([first, second, third]);
    assert.ok(house.told.indexOf('LastCheckedOK') < house.told.indexOf('Enabled'));
  });

  it('gives nothing on a lease that is not stored', async () => {
    using house = new House();
    const client = house.move();
    house.store.mode = 'held';
    const done = client.apply({ kind: 'checked-ok' });
    await house.clock.advance(minutes(4));
    assert.equal(lifeOf(client), 'enabled', 'it would live on, once that is stored');
    assert.equal(client.release(), null, 'the stored lease ended after three minutes');
    await house.store.release();
    await done;
    using blob = client.release();
    assert.equal(Buffer.from(blob?.bytes ?? []).toString(), 'secret');
  });
});

describe('while writes fail', () => {
  it('a lock-out acts at once, is told, and is stored when it can be', async () => {
    using house = new House();
    const client = house.move();
    house.store.mode = 'broken';
    await assert.rejects(client.apply({ kind: 'disable' }));
    assert.equal(lifeOf(client), 'disabled');
    assert.equal(client.release(), null);
    assert.match(house.log.at('critical').join(), /cannot store the state of client foo: no space/);
    await house.clock.advance(seconds(3));
    house.store.mode = 'at once';
    await house.clock.advance(seconds(1));
    const { row, ledger } = house.store.changes.at(-1) ?? assert.fail('nothing was stored');
    assert.equal(row.life.kind, 'disabled');
    assert.deepEqual(ledger, { kind: 'locked-out', reason: 'operator' });
  });

  it('no dead client is enabled, and the operator is told', async () => {
    using house = new House();
    const client = house.move({ enabled: false });
    house.store.mode = 'held';
    const enabling = client.apply({ kind: 'enable' });
    const failure = assert.rejects(enabling, /the disk failed/);
    assert.equal(client.release(), null);
    await house.store.fail();
    await failure;
    assert.equal(lifeOf(client), 'disabled');
    house.store.mode = 'at once';
    await house.clock.advance(minutes(10));
    assert.equal(lifeOf(client), 'disabled');
    assert.equal(client.release(), null);
  });

  it('the operator may approve, deny, lock out and remove, and nothing else', async () => {
    using house = new House();
    const client = house.move({ approvalDelay: minutes(1), approvedByDefault: false });
    house.store.failing = true;
    const { clients } = house;
    for (const act of [
      { kind: 'enable' },
      { kind: 'checked-ok' },
      { kind: 'set', property: 'Timeout', value: minutes(60) },
      { kind: 'set', property: 'Host', value: 'elsewhere' },
    ] as const) {
      await assert.rejects(clients.submit('foo', act), /cannot be stored now/);
    }
    const secret = new Blob(new Uint8Array(1));
    await assert.rejects(clients.setSecret('foo', secret), /cannot be stored now/);
    const waiting = client.ask(clients.newPeer());
    await clients.submit('foo', { kind: 'approve', approved: true });
    assert.equal(await waiting, true, 'its stored lease goes on');
    await clients.submit('foo', { kind: 'approve', approved: false });
    assert.equal(await client.ask(clients.newPeer()), false);
    await clients.submit('foo', { kind: 'disable' });
    assert.equal(lifeOf(client), 'disabled');
    await clients.submit('foo', { kind: 'remove' });
    assert.equal(clients.find('foo'), undefined);
  });

  it('a living client is served within its stored lease and not beyond', async () => {
    using house = new House();
    const client = house.move();
    house.store.mode = 'broken';
    await assert.rejects(client.apply({ kind: 'checked-ok' }));
    client.release()?.[Symbol.dispose]();
    assert.equal(lifeOf(client), 'enabled');
    assert.equal(await client.ask(house.clients.newPeer()), true);
    await house.clock.advance(minutes(4));
    assert.equal(lifeOf(client), 'disabled', 'the stored lease had three minutes');
    assert.equal(await client.ask(house.clients.newPeer()), false);
  });

  it('no setting changes', async () => {
    using house = new House();
    const client = house.move();
    house.store.mode = 'broken';
    const act = { kind: 'set', property: 'Timeout', value: minutes(600) } as const;
    await assert.rejects(house.clients.submit('foo', act));
    assert.equal(client.state.settings.timeout, minutes(5));
  });

  it('a secret that mandos-client would not take is stored with a warning', async () => {
    using house = new House();
    house.move();
    await house.clients.setSecret('foo', new Blob(new Uint8Array(LARGEST_BLOB + 1)));
    assert.match(house.log.at('warning').join(), /secret of client foo has 1048577 bytes/);
  });

  it('a secret that cannot be stored is not given to anybody', async () => {
    using house = new House();
    const client = house.move();
    house.store.mode = 'broken';
    const other = new Blob(Uint8Array.from(Buffer.from('another')));
    await assert.rejects(house.clients.setSecret('foo', other));
    using blob = client.release();
    assert.equal(Buffer.from(blob?.bytes ?? []).toString(), 'secret');
    assert.throws(() => other.bytes, TypeError, 'it was wiped');
  });
});

describe('a peer', () => {
  it('is answered once its client is approved, and only then', async () => {
    using house = new House();
    const client = house.move({ approvalDelay: minutes(1) });
    const answer = client.ask(house.clients.newPeer());
    await settle();
    assert.ok(house.told.includes('NeedApproval'));
    await house.clients.submit('foo', { kind: 'approve', approved: true });
    assert.equal(await answer, true);
  });

  it('that left is answered with no, and takes nobody with it (N4)', async () => {
    using house = new House();
    const client = house.move({ approvalDelay: minutes(1) });
    const [one, two] = [house.clients.newPeer(), house.clients.newPeer()];
    const answers = [client.ask(one), client.ask(two)];
    client.peerLeft(one);
    await house.clients.submit('foo', { kind: 'approve', approved: true });
    assert.deepEqual(await Promise.all(answers), [false, true]);
  });

  it('is refused when its client is locked out while it waits', async () => {
    using house = new House();
    const client = house.move({ approvalDelay: minutes(60) });
    const answer = client.ask(house.clients.newPeer());
    await house.clock.advance(minutes(3));
    assert.equal(await answer, false);
    assert.equal(lifeOf(client), 'disabled');
  });
});

describe('all clients', () => {
  it('learn of a sleep before they are found to be too late (F3)', async () => {
    using house = new House();
    const client = house.move();
    await house.clock.advance(minutes(1));
    await success(client);
    house.slept = minutes(60);
    await house.clock.sleep(minutes(60));
    assert.equal(lifeOf(client), 'enabled', 'nobody watched meanwhile');
    assert.match(house.log.at('warning').join(), /asleep for 3600 s/);
    await house.clock.advance(minutes(5));
    assert.equal(lifeOf(client), 'disabled', 'one timeout, and no answer in it');
  });

  for (const who of ['a peer', 'an operator'] as const) {
    it(`learn of a sleep from ${who} that comes before any alarm (F3)`, async () => {
      using house = new House();
      const client = house.move();
      await house.clock.advance(minutes(1));
      await success(client);
      await house.clock.advance(minutes(1));
      const before = client.state.life;
      house.slept = minutes(3);
      const { keyId } = client.state.settings;
      assert.ok(keyId !== null);
      if (who === 'a peer') assert.equal(house.clients.owner(keyId), client);
      else await house.clients.submit('foo', { kind: 'start-checker' });
      const { life } = client.state;
      assert.ok(before.kind === 'enabled' && life.kind === 'enabled');
      assert.equal(life.graceUsed, true, 'one timeout from now, instead of what was left');
      assert.equal(life.expires.boot - before.expires.boot, minutes(1));
    });
  }

  it('are found dead by who asks, when a sleep was not noticed as such', async () => {
    using house = new House();
    const client = house.move();
    await house.clock.sleep(minutes(60));
    assert.equal(lifeOf(client), 'disabled');
    assert.equal(client.release(), null);
  });

  it('forget one that was removed, key and all', async () => {
    using house = new House();
    const client = house.move();
    const keyId = client.state.settings.keyId ?? assert.fail();
    await house.clients.submit('foo', { kind: 'remove' });
    assert.equal(house.clients.owner(keyId), undefined);
    assert.equal(house.clients.find('foo'), undefined);
    assert.equal(house.told.at(-1), 'removed foo');
    assert.deepEqual(house.store.changes.at(-1)?.ledger, { kind: 'removed' });
    await assert.rejects(house.clients.submit('foo', { kind: 'enable' }), { code: 'refused' });
  });
});
