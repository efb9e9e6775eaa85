/** Rows, ledgers and starts as the store would hand them to `startClient`. */
import assert from 'node:assert/strict';
import { toRow } from '../../src/core/client-row.ts';
import type { ClientSettings } from '../../src/core/client-settings.ts';
import {
  type StartContext,
  type StartOutcome,
  type StartSection,
  startClient,
} from '../../src/core/client-start.ts';
import type { LedgerState } from '../../src/core/ledger-entry.ts';
import type { Moment, StoredMoment } from '../../src/core/moment.ts';
import type { StoredClient } from '../../src/core/stored-client.ts';
import { instant, wallTime } from '../../src/core/time.ts';
import { type LifeWorld, START, settings } from './life-world.ts';

export const ALIVE: LedgerState = { standing: 'alive', entries: 1 };

/** What config/ would compare: every option as text. */
export function written(of: ClientSettings, secret = 'sha256:1'): Record<string, string> {
  return {
    key_id: of.keyId ?? '',
    fingerprint: of.fingerprint,
    host: of.host,
    checker: of.checker,
    timeout: String(of.timeout),
    extended_timeout: String(of.extendedTimeout),
    interval: String(of.interval),
    approval_delay: String(of.approvalDelay),
    approval_duration: String(of.approvalDuration),
    approved_by_default: String(of.approvedByDefault),
    enabled: String(of.enabled),
    secret,
  };
}

export function section(more: Partial<ClientSettings> = {}): StartSection {
  const all = settings(more);
  return { kind: 'good', settings: all, written: written(all) };
}

/** The world's client as stored now, under a clients.conf with the default settings. */
export function rowOf(world: LifeWorld, more: Partial<StoredClient> = {}): StoredClient {
  const context = { bootId: 'boot 1', written: written(settings()), ledgerEntries: 1 };
  // Through JSON: a row must survive what a store does to it.
  return JSON.parse(JSON.stringify({ ...toRow(world.client, world.now, context), ...more }));
}

/** The same boot, `later` milliseconds after `then`. */
export function restartAfter(world: LifeWorld, later: number): StartContext {
  const then = world.now;
  const now: Moment = { boot: instant(then.boot + later), wall: wallTime(then.wall + later) };
  return { now, bootId: 'boot 1', lastSign: signOf(world), random: 0.5 };
}

/** Another boot, `later` milliseconds later by the wall clock. */
export function rebootAfter(world: LifeWorld, later: number): StartContext {
  const now: Moment = { boot: instant(20_000), wall: wallTime(world.now.wall + later) };
  return { now, bootId: 'boot 2', lastSign: signOf(world), random: 0.5 };
}

export function signOf(world: LifeWorld): StoredMoment {
  return { bootId: 'boot 1', boot: world.now.boot, wall: world.now.wall };
}

export const FIRST_START: StartContext = {
  now: START,
  bootId: 'boot 1',
  lastSign: { bootId: '', boot: 0, wall: 0 },
  random: 0.5,
};

export function restored(
  row: StoredClient,
  context: StartContext,
  more: Partial<ClientSettings> = {},
  ledger = ALIVE,
): StartOutcome & { readonly kind: 'client' } {
  const outcome = startClient(section(more), { kind: 'row', row }, ledger, context);
  assert.ok(outcome.kind === 'client');
  return outcome;
}

/** What is left of the lease; null for a client that is not enabled. */
export function leftOf(outcome: StartOutcome, context: StartContext): number | null {
  assert.ok(outcome.kind === 'client');
  const { life } = outcome.client;
  return life.kind === 'enabled' ? life.expires.boot - context.now.boot : null;
}
