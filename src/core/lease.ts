/** How long a client lives: what begins, renews, shifts and ends its lease. */

import { killChecker } from './checker.ts';
import type { Client, Disabled, Enabled, LockOutReason, Removed } from './client.ts';
import { later, type Moment, shifted } from './moment.ts';
import { nextDue } from './schedule.ts';
import { andThen, type Step, step } from './step.ts';
import { refuseAll } from './waiting-peers.ts';

/** Whether the lease is over at `now`; the moment of expiry itself is too late. */
export function hasExpired(life: Enabled, now: Moment): boolean {
  // Written so that a time that is not a number counts as expired.
  return !(now.boot < life.expires.boot);
}

/**
 * As the original enables: the first check after one interval, and two intervals to live.
 * What its last check said before is no reason for grace (F3).
 */
export function enable(client: Client, now: Moment): Client {
  if (client.life.kind !== 'disabled') return client;
  const { interval } = client.settings;
  const life: Enabled = {
    kind: 'enabled',
    expires: later(later(now, interval), interval),
    nextCheck: nextDue(now.boot, interval, now.boot),
    graceUsed: true,
    waiting: [],
  };
  return { ...client, life, lastEnabled: now.wall };
}

/** Somebody has seen the client alive: it lives for `timeout` from now. */
export function renewLease(client: Client, now: Moment): Client {
  const seen: Client = { ...client, lastCheckedOk: now.wall };
  if (client.life.kind !== 'enabled') return seen;
  const expires = later(now, client.settings.timeout);
  return { ...seen, life: { ...client.life, expires, graceUsed: false } };
}

/** The client has its secret and boots: it lives for `extended_timeout` from now. */
export function extendLease(client: Client, now: Moment): Client {
  if (client.life.kind !== 'enabled') return client;
  const expires = later(now, client.settings.extendedTimeout);
  return { ...client, life: { ...client.life, expires } };
}

/** The operator has changed `timeout` by `difference` milliseconds; the lease changes with it. */
export function shiftLease(client: Client, difference: number): Client {
  if (client.life.kind !== 'enabled') return client;
  const expires = shifted(client.life.expires, difference);
  return { ...client, life: { ...client.life, expires } };
}

/** Ends the life of a client whose lease is over. */
export function expire(client: Client, now: Moment): Step {
  const { life } = client;
  return life.kind === 'enabled' && hasExpired(life, now)
    ? lockOut(client, 'expired')
    : step(client);
}

/** Only an operator leads out of this. */
export function lockOut(client: Client, reason: LockOutReason): Step {
  return client.life.kind === 'enabled'
    ? endLife(client, { kind: 'disabled', reason })
    : step(client);
}

/** No way leads out of this. */
export function remove(client: Client): Step {
  return client.life.kind === 'removed' ? step(client) : endLife(client, { kind: 'removed' });
}

/** No checker, no approval and no waiting peer outlives the life they belong to. */
function endLife(client: Client, life: Disabled | Removed): Step {
  return andThen(andThen(killChecker(client), refuseAll), (rest) => {
    const decision = rest.decision?.approved === false ? rest.decision : null;
    return step({ ...rest, life, decision });
  });
}
