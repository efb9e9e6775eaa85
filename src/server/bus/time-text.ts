import type { WallTime } from '../../core/time.ts';

const FIRST = Date.UTC(1970, 0, 1);
const LAST = Date.UTC(9999, 11, 31, 23, 59, 59, 999);

/**
 * A time as the original writes it: UTC without saying so, exactly six digits of fraction;
 * empty for never. Programs read it with a fixed pattern, so years stay within four digits.
 */
export function timeText(time: WallTime | null): string {
  if (time === null) return '';
  const shown = new Date(Math.min(Math.max(Math.floor(time), FIRST), LAST));
  return `${shown.toISOString().slice(0, -1)}000`;
}
