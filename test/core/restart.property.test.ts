/**
 * F3 over whole histories: a server that is stopped, killed, rebooted and started again at
 * random, under a wall clock that is set ten years either way, with nobody who enables.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { ClientEvent } from '../../src/core/client-event.ts';
import { toRow } from '../../src/core/client-row.ts';
import { type StartContext, startClient } from '../../src/core/client-start.ts';
import { type LedgerState, standing } from '../../src/core/ledger-entry.ts';
import type { StoredMoment } from '../../src/core/moment.ts';
import type { StoredClient } from '../../src/core/stored-client.ts';
import { DAY, LifeWorld, MINUTE, newClient, SECOND, START, settings, YEAR } from './life-world.ts';
import { random, waitStatus, wallJump } from './random-life.ts';
import { section, written } from './stored-life.ts';

const { timeout } = settings();

/** A world with a store, and beside it a witness who counts the time that was watched. */
class StoredWorld extends LifeWorld {
  boots = 1;
  known: LedgerState = { standing: 'alive', entries: 1 };
  row: StoredClient = this.#row();
  sign: StoredMoment = this.#moment();
  /** Until when, in watched time, the client may be alive at most. */
  limit = 3 * MINUTE;
  #unwatched = 0;
  #offsetAtSign = 0;
  #graceLeft = false;
  #everDead = false;

  /** How long the server has watched the client, as far as the store can know. */
  get watched(): number {
    return this.offset - this.#unwatched;
  }

  override happen(event: ClientEvent): this {
    super.happen(event);
    for (const effect of this.effects) {
      if (effect.kind !== 'save') continue;
      if (effect.ledger !== null) this.#tell(standing(effect.ledger));
      this.row = this.#row();
      this.heartbeat();
    }
    if (event.kind === 'checker-completed' && event.waitStatus === 0 && !this.#everDead) {
      this.limit = this.watched + timeout;
      this.#graceLeft = true;
    }
    this.#judge();
    return this;
  }

  /** A while with a checker that always ends the same way. */
  watch(duration: number, status: number): void {
    for (let passed = 0; passed < duration; passed += 10 * SECOND) {
      const step = Math.min(10 * SECOND, duration - passed);
      this.advance(step).startCheckers().endChecker(status);
    }
  }

  heartbeat(): void {
    this.sign = this.#moment();
    this.#offsetAtSign = this.offset;
  }

  /** @param reboot where the boot clock starts; null for a restart within one boot */
  restart(downtime: number, reboot: number | null, jump: number, part: number): void {
    const before = this.left;
    this.offset += downtime;
    // Nobody knows that the server was there after its last sign of life.
    this.#unwatched += this.offset - this.#offsetAtSign;
    this.wallJump += jump;
    if (reboot !== null) {
      this.boots += 1;
      this.bootJump = reboot - START.boot - this.offset;
    }
    const context: StartContext = {
      now: this.now,
      bootId: `boot ${this.boots}`,
      lastSign: this.sign,
      random: part,
    };
    const outcome = startClient(section(), { kind: 'row', row: this.row }, this.known, context);
    assert.ok(outcome.kind === 'client');
    const { life, lastCheckerStatus } = outcome.client;
    if (life.kind === 'enabled') {
      const left = life.expires.boot - this.now.boot;
      // Within one boot downtime counts exactly; else it may be any length.
      const due =
        reboot === null && before !== null ? before - downtime : this.limit - this.watched;
      if (left > due + 0.01) {
        assert.ok(this.#graceLeft && lastCheckerStatus === 0, 'grace is granted once');
        assert.ok(left <= timeout);
        this.#graceLeft = false;
        this.limit = Math.max(this.limit, this.watched + timeout);
      }
    }
    if (outcome.ledger !== null) this.#tell(standing(outcome.ledger));
    this.client = outcome.client;
    this.checkers.clear();
    this.row = this.#row();
    this.heartbeat();
    this.#judge();
  }

  #judge(): void {
    const { life } = this.client;
    if (life.kind !== 'enabled') {
      this.#everDead = true;
      return;
    }
    assert.ok(!this.#everDead, 'dead stays dead');
    const excess = life.expires.boot - this.now.boot - (this.limit - this.watched);
    assert.ok(excess < 0.01, `${excess} ms too long`);
  }

  #tell(now: LedgerState['standing']): void {
    this.known = { standing: now, entries: this.known.entries + 1 };
  }

  #row(): StoredClient {
    const context = {
      bootId: `boot ${this.boots}`,
      written: written(settings()),
      ledgerEntries: this.known.entries,
    };
    return JSON.parse(JSON.stringify(toRow(this.client, this.now, context)));
  }

  #moment(): StoredMoment {
    return { bootId: `boot ${this.boots}`, boot: this.now.boot, wall: this.now.wall };
  }
}

type Chapter =
  | { readonly kind: 'watch'; readonly duration: number; readonly status: number }
  | { readonly kind: 'heartbeat' }
  | {
      readonly kind: 'restart';
      readonly downtime: number;
      readonly reboot: number | null;
      readonly jump: number;
      readonly part: number;
    };

const downtime = fc.oneof(
  fc.integer({ min: 0, max: 10 * SECOND }),
  fc.integer({ min: 0, max: 10 * MINUTE }),
  fc.integer({ min: 0, max: YEAR }),
);
const jump = fc.oneof(
  fc.constant(0),
  fc.integer({ min: -10 * MINUTE, max: 10 * MINUTE }),
  wallJump,
);
const chapter: fc.Arbitrary<Chapter> = fc.oneof(
  fc.record({
    kind: fc.constant('watch' as const),
    duration: fc.integer({ min: 0, max: 8 * MINUTE }),
    status: waitStatus,
  }),
  fc.constant({ kind: 'heartbeat' as const }),
  fc.record({
    kind: fc.constant('restart' as const),
    downtime,
    reboot: fc.option(fc.integer({ min: 0, max: DAY })),
    jump,
    part: random,
  }),
);

function live(world: StoredWorld, one: Chapter): void {
  if (one.kind === 'watch') world.watch(one.duration, one.status);
  else if (one.kind === 'heartbeat') world.heartbeat();
  else world.restart(one.downtime, one.reboot, one.jump, one.part);
}

test('no history of restarts and clocks gives a client more life than the rules allow', () => {
  fc.assert(
    fc.property(fc.array(chapter, { maxLength: 40, size: 'max' }), (history) => {
      const world = new StoredWorld(newClient());
      for (const one of history) live(world, one);
    }),
    { numRuns: 500 },
  );
});

test('a restart loop ends every life that no check renews', () => {
  fc.assert(
    fc.property(waitStatus, fc.integer({ min: 2000, max: 50_000 }), jump, (status, pause, set) => {
      const world = new StoredWorld(newClient());
      world.watch(10 * MINUTE, 0);
      world.watch(2 * MINUTE, status);
      const most = 2 * timeout;
      for (let lived = 0; lived <= most; lived += pause) {
        world.offset += pause;
        world.happen({ kind: 'tick' }).heartbeat();
        world.restart(0, 0, set, 0.999);
        // Checks are asked for, and none ever completes.
      }
      assert.equal(world.client.life.kind, 'disabled');
    }),
    { numRuns: 60 },
  );
});
