/** Durations and instants as types, so that the two, and two clocks, cannot be mixed up. */

declare const durationBrand: unique symbol;
declare const instantBrand: unique symbol;
declare const wallBrand: unique symbol;

/** A length of time in whole milliseconds; may be zero, never negative or infinite. */
export type Duration = number & { readonly [durationBrand]: true };

/** A moment on the boot-time clock in milliseconds; it goes on while the machine sleeps (F3). */
export type Instant = number & { readonly [instantBrand]: true };

/** A moment on the wall clock, in milliseconds since 1970; for display and storage only (F3). */
export type WallTime = number & { readonly [wallBrand]: true };

/**
 * No setting may be longer: 71,000 years. What the rules of a life add to a moment is at most
 * three settings, and such a sum is still a whole number that the store can keep.
 */
export const LONGEST_SETTING = (2 ** 51) as Duration;

/** Throws `RangeError` unless `count` is a number of milliseconds that a duration can hold. */
export function milliseconds(count: number): Duration {
  if (!Number.isSafeInteger(count) || count < 0) {
    throw new RangeError(`not a duration: ${count} milliseconds`);
  }
  return count as Duration;
}

/** As `milliseconds`; fractions of a millisecond are rounded. */
export function seconds(count: number): Duration {
  return milliseconds(Math.round(count * 1000));
}

export function minutes(count: number): Duration {
  return seconds(count * 60);
}

export function instant(millisecondsSinceBoot: number): Instant {
  return millisecondsSinceBoot as Instant;
}

export function wallTime(millisecondsSince1970: number): WallTime {
  return millisecondsSince1970 as WallTime;
}

/** The instant `duration` after `start`. */
export function after(start: Instant, duration: Duration): Instant {
  return (start + duration) as Instant;
}

/** How long from `start` until `end`; zero when `end` is not later. */
export function between(start: Instant, end: Instant): Duration {
  return milliseconds(Math.max(0, Math.round(end - start)));
}

/** A clock and its alarms, handed to whatever has to wait. */
export interface Clock {
  /** Now, on the boot-time clock. */
  now(): Instant;
  /**
   * Calls `alarm` once, at `moment` or as soon after it as the system manages; never
   * before. Returns a function that calls it off.
   */
  at(moment: Instant, alarm: () => void): () => void;
}
