/**
 * The client's life: one pure state machine, without clock, randomness or I/O.
 *
 *       new, restored                           new, restored
 *             │                                       │
 *             ▼    expires · disable · timeout        ▼
 *       ┌──────────┐  shortened · lost in downtime ┌──────────┐
 *       │ enabled  │──────────────────────────────▶│ disabled │
 *       │          │◀──────────────────────────────│          │
 *       └──────────┘   enable: an operator, nobody └──────────┘
 *             │        and nothing else (F1)            │
 *             │                                         │
 *             └────────────▶ removed ◀──────────────────┘
 *                   remove: no way back
 *
 * While enabled, the lease ends at `expires`:
 *   a check succeeds, checked-ok     → now + timeout
 *   the secret was sent              → now + extended_timeout
 *   Timeout is set                   → shifted by the difference
 *   the machine slept                → as after any downtime, downtime.ts
 *
 * The checker, of which there is one at most, killed whenever a life ends:
 *
 *            due · start-checker · Interval set          started
 *       idle ─────────────────────────────────▶ starting ───────▶ running
 *        ▲                                         │                 │
 *        └──── not started · stop-checker · life ends · completed ───┘
 *
 * A peer that asks for the secret, answered exactly once unless it leaves:
 *
 *       disabled, or a denial holds ──▶ refused      ◀─── denied · default · life ends ───┐
 *       an approval holds           ──▶ given        ◀─── approved · default ─────────────┤
 *       otherwise                   ──▶ waiting for approval_delay ───────────────────────┤
 *                                       forgotten    ◀─── left ───────────────────────────┘
 */
import { approve, endWaits, forgetPeer, requestSecret } from './approval.ts';
import { killChecker, startChecker, startDueCheck } from './checker.ts';
import { checkerEvent } from './checker-event.ts';
import type { Client } from './client.ts';
import type { Effect } from './client-effect.ts';
import type { ClientEvent } from './client-event.ts';
import { changedProperties } from './client-properties.ts';
import { bridgeSleep } from './downtime.ts';
import { enable, expire, extendLease, lockOut, remove, renewLease } from './lease.ts';
import type { LedgerChange } from './ledger-entry.ts';
import type { Moment } from './moment.ts';
import { changeSetting } from './setting-change.ts';
import { andThen, type Step, step } from './step.ts';
import type { Instant } from './time.ts';

export interface Transition {
  readonly client: Client;
  /** To be carried out in this order. */
  readonly effects: readonly Effect[];
}

/**
 * The client after `event` at `now`, and what has to be done. What had become due until `now`
 * happens first, so that no event finds a client alive whose lease is over; nor does any leave
 * one behind.
 */
export function transition(client: Client, event: ClientEvent, now: Moment): Transition {
  const slept = event.kind === 'woke' ? bridgeSleep(client, event.slept, event.random, now) : null;
  const due = andThen(slept ?? step(client), (awake) => passTime(awake, now));
  const happened = andThen(due, (present) => happen(present, event, now));
  const after = andThen(happened, (present) => expire(present, now));
  return { client: after.client, effects: effectsOf(client, after, event) };
}

/**
 * When the next `tick` is due; null when nothing happens by itself. A tick later than that
 * loses nothing but time.
 */
export function nextWakeUp({ life }: Client): Instant | null {
  if (life.kind !== 'enabled') return null;
  const waits = life.waiting.map(({ until }) => until);
  return Math.min(life.expires.boot, life.nextCheck, ...waits) as Instant;
}

function passTime(client: Client, now: Moment): Step {
  const alive = expire(client, now);
  const answered = andThen(alive, (present) => endWaits(present, now));
  return andThen(answered, (present) => startDueCheck(present, now));
}

function happen(client: Client, event: ClientEvent, now: Moment): Step {
  if (client.life.kind === 'removed' && event.kind !== 'secret-requested') return step(client);
  switch (event.kind) {
    case 'tick':
    case 'woke':
    case 'set-secret':
      return step(client);
    case 'secret-requested':
      return requestSecret(client, event.peer, now);
    case 'peer-left':
      return forgetPeer(client, event.peer);
    case 'secret-sent':
      return step(extendLease(client, now), [], [{ name: 'GotSecret' }]);
    case 'checker-started':
    case 'checker-completed':
    case 'checker-not-started':
      return checkerEvent(client, event, now);
    case 'enable':
      return step(enable(client, now));
    case 'disable':
      return lockOut(client, 'operator');
    case 'approve':
      return approve(client, event.approved, now);
    case 'start-checker':
      return startChecker(client);
    case 'stop-checker':
      return killChecker(client);
    case 'checked-ok':
      return step(renewLease({ ...client, lastCheckerStatus: 0 }, now));
    case 'remove':
      return remove(client);
    case 'set':
      return changeSetting(client, event, now);
  }
}

/** Saved first, then done, then told: properties before signals, as the original does. */
function effectsOf(before: Client, after: Step, event: ClientEvent): Effect[] {
  const { client, actions, signals } = after;
  const effects: Effect[] = [];
  const secret = event.kind === 'set-secret' && client.life.kind !== 'removed';
  const ledger = ledgerChange(before, client);
  if (secret || ledger !== null || isStoredDifferently(before, client)) {
    effects.push({ kind: 'save', ledger });
  }
  effects.push(...actions);
  if (client.life.kind !== 'removed') {
    const changed = changedProperties(before, client);
    const names = secret ? [...changed, 'Secret' as const] : changed;
    if (names.length > 0) effects.push({ kind: 'properties-changed', names });
  }
  effects.push(...signals.map((signal) => ({ kind: 'signal' as const, signal })));
  return effects;
}

function ledgerChange(before: Client, { life, lastEnabled }: Client): LedgerChange | null {
  // A client that an operator enables at the moment of its expiry is enabled before and after.
  const enabledAgain = life.kind === 'enabled' && before.lastEnabled !== lastEnabled;
  if (before.life.kind === life.kind && !enabledAgain) return null;
  switch (life.kind) {
    case 'enabled':
      return { kind: 'enabled', by: 'd-bus' };
    case 'disabled':
      return { kind: 'locked-out', reason: life.reason };
    case 'removed':
      return { kind: 'removed' };
  }
}

/** Whether anything differs that outlives the server (stored-client.ts). */
function isStoredDifferently(before: Client, after: Client): boolean {
  return (
    before.settings !== after.settings ||
    before.lastEnabled !== after.lastEnabled ||
    before.lastCheckedOk !== after.lastCheckedOk ||
    before.lastApprovalRequest !== after.lastApprovalRequest ||
    before.lastCheckerStatus !== after.lastCheckerStatus ||
    leaseOf(before) !== leaseOf(after)
  );
}

function leaseOf({ life }: Client): string {
  return life.kind === 'enabled' ? `${life.expires.boot} ${life.graceUsed}` : life.kind;
}
