/** Properties of whole lives: random events, random settings, days in milliseconds. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { mayHaveSecret } from '../../src/core/approval.ts';
import type { ClientEvent } from '../../src/core/client-event.ts';
import { nextWakeUp } from '../../src/core/client-life.ts';
import { type ClientProperties, clientProperties } from '../../src/core/client-properties.ts';
import { toRow } from '../../src/core/client-row.ts';
import { withoutGrants } from '../../src/core/withheld-grants.ts';
import { LeaseOracle } from './lease-oracle.ts';
import { LifeWorld, newClient, START } from './life-world.ts';
import { happening, someSettings } from './random-life.ts';
import { undergo } from './undergo.ts';

const RUNS = { numRuns: 400 };
const CONTEXT = { bootId: 'boot', written: {}, ledgerEntries: 1 };

/** A world that checks after every single event, ticks included, what must always be true. */
class WatchedWorld extends LifeWorld {
  readonly oracle = new LeaseOracle(this.client, 0, START.boot);

  override happen(event: ClientEvent): this {
    const before = this.client;
    const was = before.life.kind;
    const { checker } = before;
    const current = 'check' in event && checker.kind !== 'idle' && checker.check === event.check;
    super.happen(event);
    this.oracle.note(event, this.offset, current);
    this.#holds(was, event);
    this.#isSaved(before);
    this.#isTold(before, event);
    return this;
  }

  #holds(was: string, event: ClientEvent): void {
    const { life, checker } = this.client;
    if (was === 'disabled' && life.kind === 'enabled') assert.equal(event.kind, 'enable');
    assert.equal(life.kind === 'enabled', this.oracle.alive);
    if (life.kind === 'enabled') {
      const wakeUp = nextWakeUp(this.client);
      assert.ok(wakeUp !== null && wakeUp > this.now.boot && wakeUp <= life.expires.boot);
      assert.ok(Math.abs((this.left ?? 0) + this.offset - (this.oracle.end ?? 0)) < 0.01);
    } else {
      assert.equal(nextWakeUp(this.client), null);
    }
    assert.equal(checker.kind === 'idle', this.checkers.size === 0);
    const asking = [...this.peers].filter(([, state]) => state === 'asking');
    const waiting = life.kind === 'enabled' ? life.waiting.map(({ peer }) => peer) : [];
    assert.deepEqual(
      asking.map(([peer]) => peer),
      waiting,
    );
    for (const effect of this.effects) {
      if (effect.kind !== 'give-secret') continue;
      assert.ok(this.oracle.alive && mayHaveSecret(this.client, this.now));
    }
  }

  /** What the store would hold differs only if a save was asked for, before all else. */
  #isSaved(before: LifeWorld['client']): void {
    const moment = { ...this.now, boot: START.boot };
    const [old, current] = [before, this.client].map((one) => toRow(one, moment, CONTEXT));
    if (this.effects.some(({ kind }) => kind === 'save')) {
      assert.equal(this.effects[0]?.kind, 'save');
    } else {
      assert.deepEqual(current, old);
    }
  }

  #isTold(before: LifeWorld['client'], event: ClientEvent): void {
    const [old, current] = [clientProperties(before), clientProperties(this.client)];
    const names = Object.keys(current) as (keyof ClientProperties)[];
    const differing: string[] = names.filter((name) => old[name] !== current[name]);
    if (event.kind === 'set-secret') differing.push('Secret');
    assert.deepEqual([...this.changed].sort(), differing.sort());
  }
}

const life = fc.tuple(someSettings, fc.array(happening, { maxLength: 60, size: 'max' }));

test('every moment of every life keeps the rules', () => {
  fc.assert(
    fc.property(life, ([settings, happenings]) => {
      const world = new WatchedWorld(newClient(settings));
      for (const one of happenings) undergo(world, one);
    }),
    RUNS,
  );
});

test('without an operator a disabled client stays disabled and gets no secret', () => {
  const noOperator = happening.filter(({ kind }) => kind !== 'operator');
  fc.assert(
    fc.property(fc.array(noOperator, { maxLength: 60 }), (happenings) => {
      const world = new LifeWorld(newClient({ enabled: false }));
      for (const one of happenings) {
        undergo(world, one);
        assert.equal(world.client.life.kind, 'disabled');
        assert.ok(!mayHaveSecret(world.client, world.now));
      }
      assert.ok(![...world.peers.values()].includes('given'));
    }),
    RUNS,
  );
});

test('a removed client does nothing any more but refuse', () => {
  fc.assert(
    fc.property(life, fc.array(happening, { maxLength: 20 }), ([settings, before], after) => {
      const world = new LifeWorld(newClient(settings));
      for (const one of before) undergo(world, one);
      world.happen({ kind: 'remove' });
      const { client } = world;
      for (const one of after) {
        world.effects = [];
        undergo(world, one);
        assert.equal(world.client, client);
        assert.ok(world.effects.every(({ kind }) => kind === 'refuse-secret'));
      }
      assert.ok(![...world.peers.values()].includes('asking'));
      assert.equal(world.checkers.size, 0);
    }),
    RUNS,
  );
});

test('what cannot be stored neither enables nor lengthens a life, and still locks out (F2)', () => {
  fc.assert(
    fc.property(life, fc.integer({ min: 0, max: 60 }), ([settings, happenings], cut) => {
      const world = new LifeWorld(newClient(settings));
      for (const one of happenings.slice(0, cut)) undergo(world, one);
      const durable = world.client;
      for (const one of happenings.slice(cut)) {
        undergo(world, one);
        const shown = withoutGrants(durable, world.client);
        if (!mayHaveSecret(shown, world.now)) continue;
        assert.ok(mayHaveSecret({ ...durable, decision: null }, world.now));
        assert.ok(mayHaveSecret(world.client, world.now));
      }
    }),
    RUNS,
  );
});
