/** The times that mandos-ctl takes on its command line. */
import { parseDuration } from '../../core/duration.ts';
import { MandosError } from '../../core/error.ts';
import { type Duration, milliseconds } from '../../core/time.ts';

export interface CtlDuration {
  readonly duration: Duration;
  /** Written as before version 1.6.1, of which people are told. */
  readonly oldForm: boolean;
}

const UNITS: Readonly<Record<string, number>> = {
  '': 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 7 * 86_400_000,
};
const OLD_TERM = /(\d+)([wdhms]?)|[\s,]+/y;

/**
 * An RFC 3339 duration, or the old form of this program: numbers with a unit letter, with or
 * without spaces between them, summed; a number without a letter is milliseconds.
 *
 * The original takes any text, ignores what it does not understand, and so sets a time that
 * nobody meant: `PT5` is 5 ms to it, and locks a client out. Here that is an error.
 *
 * Throws `MandosError` `config-value`.
 */
export function parseCtlDuration(text: string): CtlDuration {
  if (text.trim() === '') throw new MandosError('config-value', 'it is empty');
  const total = oldFormMilliseconds(text);
  if (total === null) return { duration: parseDuration(text), oldForm: false };
  if (!Number.isSafeInteger(total)) {
    throw new MandosError('config-value', 'the duration is too long');
  }
  return { duration: milliseconds(total), oldForm: true };
}

/** Null when it is not the old form; a text without any number is none. */
function oldFormMilliseconds(text: string): number | null {
  let total = 0;
  let numbers = 0;
  for (let end = 0; end < text.length; end = OLD_TERM.lastIndex) {
    OLD_TERM.lastIndex = end;
    const [, count, unit = ''] = OLD_TERM.exec(text) ?? [];
    if (OLD_TERM.lastIndex === 0) return null;
    if (count === undefined) continue;
    total += Number(count) * (UNITS[unit] ?? 0);
    numbers++;
  }
  return numbers === 0 ? null : total;
}
