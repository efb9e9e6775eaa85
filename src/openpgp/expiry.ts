import { ExitStatus, MandosError } from '../core/error.ts';

/** How long a key is valid, in whole seconds from its making; 0 is for ever. */
export type KeyLifetime = number;

const SECONDS_A_DAY = 86_400;
/** gpg's months and years have no calendar. */
const DAYS: Readonly<Record<string, number>> = { '': 1, d: 1, w: 7, m: 30, y: 365 };
/** Times in OpenPGP have 32 bits (RFC 9580, section 3.5). */
const LAST_SECOND = 2 ** 32 - 1;

/**
 * Reads a key's expiry in the syntax of gpg(1): `0`, `none` or `never`; a number of days,
 * or with `d`, `w`, `m` or `y` behind it of days, weeks, months and years; `seconds=N`;
 * a day `YYYY-MM-DD` (noon UTC) or a moment `YYYYMMDDThhmmss` (UTC).
 *
 * Throws `MandosError` `usage` for anything else, for the past, and for a time that an
 * OpenPGP key cannot hold.
 */
export function parseExpiry(text: string, now: Date): KeyLifetime {
  const lower = text.trim().toLowerCase();
  if (lower === '' || lower === 'none' || lower === 'never') return 0;
  const lifetime = parseSpan(lower) ?? parseMoment(lower, now);
  if (lifetime === undefined) {
    throw usage(
      `key expiry '${text}' cannot be understood`,
      'write 0, a number of days, weeks, months or years like 2w or 1y, or a date like 2030-12-31',
    );
  }
  if (Math.floor(now.getTime() / 1000) + lifetime > LAST_SECOND) {
    throw usage(`key expiry '${text}' is too far away`, 'OpenPGP dates end in February 2106');
  }
  return lifetime;
}

function parseSpan(text: string): number | undefined {
  const seconds = /^seconds=(\d+)$/.exec(text)?.[1];
  if (seconds !== undefined) return Number(seconds);
  const match = /^(\d+)([dwmy]?)$/.exec(text);
  if (match === null) return undefined;
  return Number(match[1]) * (DAYS[match[2] ?? ''] ?? 1) * SECONDS_A_DAY;
}

function parseMoment(text: string, now: Date): number | undefined {
  const day = /^(\d{4})-(\d\d)-(\d\d)$/.exec(text);
  const moment = /^(\d{4})(\d\d)(\d\d)t(\d\d)(\d\d)(\d\d)$/.exec(text);
  const parts = day !== null ? [...day.slice(1), '12', '00', '00'] : moment?.slice(1);
  if (parts === undefined) return undefined;
  const [year, month, date, hour, minute, second] = parts;
  const iso = `${year}-${month}-${date}T${hour}:${minute}:${second}.000Z`;
  const then = new Date(iso);
  // `Date` moves the 31st of February on into March; a person did not mean that.
  if (Number.isNaN(then.getTime()) || then.toISOString() !== iso) return undefined;
  const lifetime = Math.floor(then.getTime() / 1000) - Math.floor(now.getTime() / 1000);
  if (lifetime > 0) return lifetime;
  throw usage(`key expiry '${text}' has passed`, 'is the clock of this machine right?');
}

function usage(message: string, hint: string): MandosError {
  return new MandosError('usage', message, { exitCode: ExitStatus.usage, hint });
}
