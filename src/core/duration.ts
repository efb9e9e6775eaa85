import { MandosError } from './error.ts';
import { type Duration, LONGEST_SETTING, milliseconds } from './time.ts';

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const WEEK = 7 * DAY;
/** A month and a year are whole weeks, as in the original (measured: P1M is 28 days, P1Y 364). */
const MONTH = 4 * WEEK;
const YEAR = 52 * WEEK;

/**
 * RFC 3339 Appendix A. A unit may only be followed by the next smaller one, so `P1Y1D` and
 * `PT1H1S` are no durations; the grammar leaves out the middle unit nowhere.
 */
const TIME = String.raw`T(?:(\d+)H(?:(\d+)M(?:(\d+)S)?)?|(\d+)M(?:(\d+)S)?|(\d+)S)`;
const DATE = String.raw`(?:(\d+)Y(?:(\d+)M(?:(\d+)D)?)?|(\d+)M(?:(\d+)D)?|(\d+)D)`;
const RFC_3339 = new RegExp(`^P(?:(\\d+)W|${DATE}(?:${TIME})?|${TIME})$`);

/** What each group of `RFC_3339` counts, in the order of the groups. */
const DATE_UNITS = [YEAR, MONTH, DAY, MONTH, DAY, DAY];
const TIME_UNITS = [HOUR, MINUTE, SECOND, MINUTE, SECOND, SECOND];
const GROUP_UNITS = [WEEK, ...DATE_UNITS, ...TIME_UNITS, ...TIME_UNITS];

/** The form of before version 1.6.1: numbers with a unit letter, between spaces, summed. */
const OLD_TERM = /^(\d+)([wdhms])$/;
const OLD_UNITS: Readonly<Record<string, number>> = {
  w: WEEK,
  d: DAY,
  h: HOUR,
  m: MINUTE,
  s: SECOND,
};

/**
 * Reads the TIME of mandos-clients.conf(5): an RFC 3339 duration (`PT5M`), or the old form
 * (`5m`, `1h 30m`). A text of nothing but spaces is the old form's empty sum, zero, as in the
 * original. Negative times, which the original takes in the old form, are refused.
 *
 * Throws `MandosError` `config-value` for anything else, and for a time longer than any setting may be.
 */
export function parseDuration(text: string): Duration {
  const total = rfc3339Milliseconds(text) ?? oldFormMilliseconds(text);
  if (total === null) {
    throw new MandosError('config-value', `not a duration: ${quoted(text)}`, {
      hint: 'write a duration of RFC 3339, such as PT5M for five minutes or P1DT12H for a day and a half',
    });
  }
  if (!(total <= LONGEST_SETTING)) {
    throw new MandosError('config-value', `a duration is too long: ${quoted(text)}`);
  }
  return milliseconds(total);
}

function rfc3339Milliseconds(text: string): number | null {
  const match = RFC_3339.exec(text);
  if (match === null) return null;
  let total = 0;
  for (const [index, unit] of GROUP_UNITS.entries()) {
    const digits = match[index + 1];
    if (digits !== undefined) total += Number(digits) * unit;
  }
  return total;
}

function oldFormMilliseconds(text: string): number | null {
  let total = 0;
  for (const term of text.split(/\s+/)) {
    if (term === '') continue;
    const match = OLD_TERM.exec(term);
    const unit = match?.[2] === undefined ? undefined : OLD_UNITS[match[2]];
    if (unit === undefined) return null;
    total += Number(match?.[1]) * unit;
  }
  return total;
}

const LONGEST_QUOTE = 40;

function quoted(text: string): string {
  return text.length <= LONGEST_QUOTE
    ? JSON.stringify(text)
    : `${JSON.stringify(text.slice(0, LONGEST_QUOTE))}…`;
}
