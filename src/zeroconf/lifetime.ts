import { after, type Instant, instant, milliseconds, seconds } from '../core/time.ts';

/** No record of ours lives longer (RFC 6762, section 10); a forged one must not either. */
const LONGEST_TTL = 4500;

/** When to ask whether a record still holds, in parts of its life (RFC 6762, section 5.2). */
const REFRESHES = [0.8, 0.85, 0.9, 0.95];

/** How long a record that somebody took back may still be confirmed. */
const GRACE = seconds(3);

/** How long something heard is believed, and when it is asked for again. */
export interface Lifetime {
  readonly start: Instant;
  readonly end: Instant;
  /** How many of the moments to ask have passed. */
  readonly refreshes: number;
}

/** @param ttl seconds, above 0 */
export function lifetime(ttl: number, now: Instant): Lifetime {
  const end = after(now, milliseconds(Math.min(ttl, LONGEST_TTL) * 1000));
  return { start: now, end, refreshes: 0 };
}

/**
 * The life of a record that was heard once more. It is never shorter for it: to end a life
 * takes a goodbye, and that is checked, so a forged packet with a short TTL does nothing (N3).
 */
export function renewed(old: Lifetime | undefined, ttl: number, now: Instant): Lifetime {
  const fresh = lifetime(ttl, now);
  return old !== undefined && old.end > fresh.end ? old : fresh;
}

/**
 * The life of a record after a goodbye. RFC 6762, section 10.1, lets it end a second later;
 * here it ends after three, and the first of four questions whether it is true goes out at
 * once: goodbyes can be forged (N3).
 */
export function doubted(life: Lifetime, now: Instant): Lifetime {
  const end = after(now, GRACE);
  if (life.end <= end) return life;
  // As though four fifths of the life had passed.
  return { start: instant(now - 4 * GRACE), end, refreshes: 0 };
}

/** When the record is to be asked for again; null when it only remains to wait for its end. */
export function refreshAt({ start, end, refreshes }: Lifetime): Instant | null {
  const part = REFRESHES[refreshes];
  return part === undefined ? null : after(start, milliseconds(Math.round((end - start) * part)));
}

/** The life of a record that is being asked for. */
export function refreshed(life: Lifetime, now: Instant): Lifetime {
  const moment = refreshAt(life);
  if (moment === null || moment > now) return life;
  return refreshed({ ...life, refreshes: life.refreshes + 1 }, now);
}
