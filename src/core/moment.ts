import { after, type Duration, type Instant, type WallTime, wallTime } from './time.ts';

/**
 * One moment on both clocks. Only `boot` decides anything; `wall` is what people are shown
 * and what is stored (F3).
 */
export interface Moment {
  readonly boot: Instant;
  readonly wall: WallTime;
}

/** The moment `duration` after `start`, as far as one can know today. */
export function later(start: Moment, duration: Duration): Moment {
  return shifted(start, duration);
}

/** `moment` moved by a number of milliseconds, which may be negative. */
export function shifted(moment: Moment, difference: number): Moment {
  return {
    boot: (moment.boot + difference) as Instant,
    wall: wallTime(moment.wall + difference),
  };
}

/** The instant `part` (0 to 1) of `whole` after `start`. */
export function partWay(start: Instant, whole: Duration, part: number): Instant {
  return after(start, Math.floor(whole * part) as Duration);
}

/**
 * A moment as it is stored: the boot clock means something only together with the boot it
 * belongs to (`/proc/sys/kernel/random/boot_id`).
 */
export interface StoredMoment {
  readonly bootId: string;
  readonly boot: number;
  readonly wall: number;
}

/**
 * How many milliseconds passed from one stored moment to another: exactly when both belong to
 * one boot, by the wall clock when not. Infinity when the clock went backwards, so that any
 * lease has passed (F3).
 */
export function elapsed(from: StoredMoment, to: StoredMoment): number {
  const sameBoot = from.bootId !== '' && from.bootId === to.bootId;
  const passed = sameBoot ? to.boot - from.boot : to.wall - from.wall;
  // Also for NaN: what cannot be compared has passed.
  return passed >= 0 ? passed : Number.POSITIVE_INFINITY;
}
