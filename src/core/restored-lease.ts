/** What is left of a stored lease when the server starts again: promise F3, line by line. */
import { graceAfterDowntime } from './downtime.ts';
import { elapsed, type StoredMoment } from './moment.ts';
import type { StoredClient } from './stored-client.ts';
import { type Duration, milliseconds } from './time.ts';

export type RestoredLease =
  /** It ended while the server was there, which did not live to store that. */
  | { readonly kind: 'expired' }
  /** It ended while nobody watched. */
  | { readonly kind: 'lost in downtime' }
  | { readonly kind: 'left'; readonly left: Duration; readonly graceUsed: boolean };

/**
 * @param lastSign the last moment at which the server is known to have been alive; the store
 *   writes one with every transaction
 * @param timeout as it is from now on
 */
export function restoredLease(
  row: StoredClient,
  lastSign: StoredMoment,
  now: StoredMoment,
  timeout: Duration,
): RestoredLease {
  if (row.life.kind !== 'enabled') return { kind: 'expired' };
  const watched = lastWatched(row, lastSign);
  const leftThen = row.life.left - elapsed(row.savedAt, watched);
  if (!(leftThen > 0)) return { kind: 'expired' };
  const leftNow = milliseconds(Math.floor(Math.max(0, leftThen - elapsed(watched, now))));
  const grace = graceAfterDowntime(row.lastCheckerStatus, row.life.graceUsed, timeout);
  if (grace > leftNow) return { kind: 'left', left: grace, graceUsed: true };
  if (leftNow === 0) return { kind: 'lost in downtime' };
  return { kind: 'left', left: leftNow, graceUsed: row.life.graceUsed };
}

/** Until when somebody watched this client: never before it was saved. */
export function lastWatched(row: StoredClient, lastSign: StoredMoment): StoredMoment {
  if (row.lastWatched !== null) return row.lastWatched;
  const { savedAt } = row;
  const older = lastSign.bootId === savedAt.bootId && lastSign.boot < savedAt.boot;
  return older ? savedAt : lastSign;
}
