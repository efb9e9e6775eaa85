/** The gate: a peer that has left gets nothing, and is not waited with (N4). */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { CancellationSource } from '../../src/core/cancellation.ts';
import { minutes } from '../../src/core/time.ts';
import { Gate } from '../../src/server/gate.ts';
import { House } from './house.ts';

/** A client that an operator has to approve, and a peer that asks for its secret. */
function asked(house: House) {
  const client = house.move({ approvalDelay: minutes(1), approvedByDefault: false });
  const { keyId } = client.state.settings;
  assert.ok(keyId !== null);
  const gate = new Gate({ clients: house.clients, log: house.log });
  const left = new CancellationSource();
  const answer = gate.request(keyId, 'the peer', left);
  return { client, left, answer };
}

function waitingAt({ clients }: House): number {
  const life = clients.find('foo')?.life;
  return life?.kind === 'enabled' ? life.waiting.length : 0;
}

describe('a peer', () => {
  it('that leaves while it waits is not waited with any longer', async () => {
    using house = new House();
    const { left, answer } = asked(house);
    assert.equal(waitingAt(house), 1);
    left.abort(new Error('the peer has left'));
    assert.deepEqual(await answer, { kind: 'refused' });
    assert.equal(waitingAt(house), 0);
  });

  it('that leaves between its approval and the release gets nothing', async () => {
    using house = new House();
    const { left, answer } = asked(house);
    const approved = house.clients.submit('foo', { kind: 'approve', approved: true });
    left.abort(new Error('the peer has left'));
    await approved;
    assert.deepEqual(await answer, { kind: 'refused' });
    assert.doesNotMatch(house.log.at('info').join(), /sending secret/);
  });

  it('that is locked out between its approval and the release gets nothing', async () => {
    using house = new House();
    const { client, answer } = asked(house);
    const approved = house.clients.submit('foo', { kind: 'approve', approved: true });
    const disabled = client.apply({ kind: 'disable' });
    await Promise.all([approved, disabled]);
    assert.deepEqual(await answer, { kind: 'refused' });
  });

  it('that is approved gets the secret', async () => {
    using house = new House();
    const { answer } = asked(house);
    await house.clients.submit('foo', { kind: 'approve', approved: true });
    const given = await answer;
    assert.ok(given.kind === 'secret');
    assert.equal(Buffer.from(given.blob.bytes).toString(), 'secret');
    given.blob[Symbol.dispose]();
    assert.match(house.log.at('info').join(), /sending secret to foo at the peer/);
  });
});
