/** What a time in which nobody could watch does to a lease (F3). */
import type { Client, Enabled } from './client.ts';
import { hasExpired, lockOut } from './lease.ts';
import { later, type Moment, shifted } from './moment.ts';
import { firstCheck } from './schedule.ts';
import { type Step, step } from './step.ts';
import { after, between, type Duration, milliseconds } from './time.ts';

/**
 * The machine woke up after sleeping for `slept`: as after any downtime (F3), a lease that had
 * ended before is over, and a client whose last check succeeded gets at least one `timeout`,
 * once until a check completes.
 */
export function bridgeSleep(client: Client, slept: Duration, random: number, now: Moment): Step {
  const { life, settings } = client;
  if (life.kind !== 'enabled') return step(client);
  if (hasExpired(life, shifted(now, -slept))) return lockOut(client, 'expired');
  const left = between(now.boot, life.expires.boot);
  const grace = graceAfterDowntime(client.lastCheckerStatus, life.graceUsed, settings.timeout);
  const granted = grace > left;
  const expires = granted ? later(now, grace) : life.expires;
  if (hasExpired({ ...life, expires }, now)) return lockOut(client, 'downtime');
  const nextCheck = firstCheck(now, settings.interval, granted ? grace : left, random);
  const waiting = life.waiting.map((one) => ({ ...one, until: after(one.until, slept) }));
  const awake: Enabled = {
    ...life,
    expires,
    nextCheck,
    waiting,
    graceUsed: life.graceUsed || granted,
  };
  return step({ ...client, life: awake });
}

/**
 * The least that a client may live after a downtime that its lease had not ended before: one
 * `timeout` when its last check had succeeded and this was not granted already (F3).
 */
export function graceAfterDowntime(
  lastCheckerStatus: number,
  graceUsed: boolean,
  timeout: Duration,
): Duration {
  return lastCheckerStatus === 0 && !graceUsed ? timeout : milliseconds(0);
}
