/** When checks are due. */
import { type Moment, partWay } from './moment.ts';
import { after, type Duration, type Instant, milliseconds } from './time.ts';

/** Checks are never due more often than this, whatever `interval` says; 0 would be for ever. */
const SHORTEST_INTERVAL = milliseconds(100);

/**
 * The first check of a life that starts with the server: at a random moment of the first
 * `interval`, so that the checks of thousands of clients are spread; earlier for a client
 * that has little left, so that it gets its chance.
 *
 * @param random 0 ≤ random < 1
 */
export function firstCheck(
  now: Moment,
  interval: Duration,
  left: Duration,
  random: number,
): Instant {
  const within = Math.min(interval, Math.floor(left / 2));
  return partWay(now.boot, milliseconds(within), random);
}

/** When the check after the one due at `due` is due; always after `now`. */
export function nextDue(due: Instant, interval: Duration, now: Instant): Instant {
  const pause = milliseconds(Math.max(interval, SHORTEST_INTERVAL));
  const next = after(due, pause);
  return next > now ? next : after(now, pause);
}
