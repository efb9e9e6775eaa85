import assert from 'node:assert/strict';
import type { CheckId, Client, PeerToken } from '../../src/core/client.ts';
import type { ClientSignal, Effect, PropertyName } from '../../src/core/client-effect.ts';
import type { ClientEvent } from '../../src/core/client-event.ts';
import { nextWakeUp, transition } from '../../src/core/client-life.ts';
import { clientProperties } from '../../src/core/client-properties.ts';
import type { ClientSettings } from '../../src/core/client-settings.ts';
import { startClient } from '../../src/core/client-start.ts';
import { parseKeyId } from '../../src/core/key-id.ts';
import { type LedgerChange, NOT_IN_LEDGER } from '../../src/core/ledger-entry.ts';
import type { Moment } from '../../src/core/moment.ts';
import { instant, milliseconds, minutes, seconds, wallTime } from '../../src/core/time.ts';

export const SECOND = 1000;
export const MINUTE = 60 * SECOND;
export const DAY = 24 * 60 * MINUTE;
export const YEAR = 365 * DAY;

/** Like nobody's own boot or wall clock, so that the two cannot be mixed up. */
export const START: Moment = { boot: instant(5_000_000.25), wall: wallTime(1_800_000_000_000) };

export function settings(more: Partial<ClientSettings> = {}): ClientSettings {
  const parsed = parseKeyId('AB'.repeat(32));
  assert.ok(parsed.kind === 'key-id');
  return {
    name: 'foo',
    keyId: parsed.keyId,
    fingerprint: '',
    host: 'foo.example',
    checker: 'true',
    timeout: minutes(5),
    extendedTimeout: minutes(15),
    interval: minutes(2),
    approvalDelay: milliseconds(0),
    approvalDuration: seconds(1),
    approvedByDefault: true,
    enabled: true,
    ...more,
  };
}

/** A client as it starts for the first time; its first check comes after half an interval. */
export function newClient(more: Partial<ClientSettings> = {}, now = START): Client {
  const outcome = startClient(
    { kind: 'good', settings: settings(more), written: {} },
    { kind: 'none' },
    NOT_IN_LEDGER,
    { now, bootId: 'boot', lastSign: { bootId: '', boot: 0, wall: 0 }, random: 0.5 },
  );
  assert.ok(outcome.kind === 'client');
  return outcome.client;
}

/**
 * A server reduced to one client and a clock that stands still until it is moved. It carries
 * effects out as the real one has to, and fails when one makes no sense.
 */
export class LifeWorld {
  client: Client;
  /** True time since the start of the test. */
  offset = 0;
  /** How far the wall clock has been set. */
  wallJump = 0;
  /** How far the boot clock is from where it was in the first boot. */
  bootJump = 0;
  /** Of the latest event. */
  effects: readonly Effect[] = [];
  /** Checkers asked for and not ended or killed. */
  readonly checkers = new Map<CheckId, 'starting' | 'running'>();
  readonly peers = new Map<PeerToken, 'asking' | 'given' | 'refused' | 'left'>();
  readonly ledger: LedgerChange[] = [];
  readonly signals: ClientSignal[] = [];
  #lastPeer = 0;

  constructor(client: Client = newClient()) {
    this.client = client;
  }

  get now(): Moment {
    return {
      boot: instant(START.boot + this.bootJump + this.offset),
      wall: wallTime(START.wall + this.wallJump + this.offset),
    };
  }

  /** How long the client has to live; null when it is not enabled. */
  get left(): number | null {
    const { life } = this.client;
    return life.kind === 'enabled' ? life.expires.boot - this.now.boot : null;
  }

  happen(event: ClientEvent): this {
    const before = this.client;
    const result = transition(before, event, this.now);
    this.client = result.client;
    this.effects = result.effects;
    for (const effect of result.effects) this.#carryOut(effect);
    return this;
  }

  /** Lets time pass, ringing every wake-up at its very moment. */
  advance(duration: number): this {
    const end = this.offset + duration;
    for (;;) {
      const wakeUp = nextWakeUp(this.client);
      if (wakeUp === null) break;
      const wait = wakeUp - this.now.boot;
      if (this.offset + wait > end) break;
      this.offset += wait;
      this.happen({ kind: 'tick' });
      const next = nextWakeUp(this.client) ?? Number.POSITIVE_INFINITY;
      assert.ok(next > this.now.boot, 'a wake-up that is not used up would be rung for ever');
    }
    this.offset = end;
    return this;
  }

  ask(): PeerToken {
    this.#lastPeer += 1;
    const peer = this.#lastPeer as PeerToken;
    this.peers.set(peer, 'asking');
    this.happen({ kind: 'secret-requested', peer });
    return peer;
  }

  leave(peer: PeerToken): void {
    if (this.peers.get(peer) === 'asking') this.peers.set(peer, 'left');
    this.happen({ kind: 'peer-left', peer });
  }

  /** Starts every checker that was asked for. */
  startCheckers(): this {
    for (const [check, state] of [...this.checkers]) {
      if (state !== 'starting') continue;
      this.checkers.set(check, 'running');
      this.happen({ kind: 'checker-started', check, command: this.client.settings.checker });
    }
    return this;
  }

  /** Ends the running checker. */
  endChecker(waitStatus: number): this {
    for (const [check, state] of [...this.checkers]) {
      if (state !== 'running') continue;
      this.checkers.delete(check);
      this.happen({ kind: 'checker-completed', check, waitStatus });
    }
    return this;
  }

  /** Lets time pass with a checker that answers at once whenever it is due. */
  live(duration: number, waitStatus = 0): this {
    const end = this.offset + duration;
    while (this.offset < end) {
      const wakeUp = nextWakeUp(this.client) ?? Number.POSITIVE_INFINITY;
      this.advance(Math.min(end - this.offset, wakeUp - this.now.boot));
      this.startCheckers().endChecker(waitStatus);
    }
    return this;
  }

  /** What was told of changed properties by the latest event. */
  get changed(): readonly PropertyName[] {
    return this.effects.flatMap((one) => (one.kind === 'properties-changed' ? one.names : []));
  }

  get properties() {
    return clientProperties(this.client);
  }

  #carryOut(effect: Effect): void {
    switch (effect.kind) {
      case 'start-checker':
        assert.equal(this.checkers.size, 0, 'never two checkers for one client');
        this.checkers.set(effect.check, 'starting');
        break;
      case 'kill-checker':
        assert.ok(this.checkers.delete(effect.check), 'only a checker that is there is killed');
        break;
      case 'give-secret':
      case 'refuse-secret':
        assert.equal(this.peers.get(effect.peer), 'asking', 'a peer is answered once');
        this.peers.set(effect.peer, effect.kind === 'give-secret' ? 'given' : 'refused');
        break;
      case 'save':
        if (effect.ledger !== null) this.ledger.push(effect.ledger);
        break;
      case 'signal':
        this.signals.push(effect.signal);
        break;
      case 'properties-changed':
        break;
    }
  }
}
