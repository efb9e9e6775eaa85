import type { Duration, WallTime } from './time.ts';

/** What a checker may name: mandos-clients.conf(5), "RUNTIME EXPANSION". Never a secret. */
export interface CheckerAttributes {
  readonly approval_delay: Duration;
  readonly approval_duration: Duration;
  readonly created: WallTime;
  readonly enabled: boolean;
  readonly expires: WallTime | null;
  readonly key_id: string;
  readonly fingerprint: string;
  readonly host: string;
  readonly interval: Duration;
  readonly last_approval_request: WallTime | null;
  readonly last_checked_ok: WallTime | null;
  readonly last_enabled: WallTime | null;
  readonly name: string;
  readonly timeout: Duration;
  /** Null where there is no D-Bus: a checker that names it cannot run then. */
  readonly dbus_object_path: string | null;
}

export type CheckerCommand =
  | { readonly kind: 'command'; readonly command: string }
  /** The checker cannot be started; `problem` says why, for the operator. */
  | { readonly kind: 'problem'; readonly problem: string };

const text = (value: string): string => value;
const truth = (value: boolean): string => (value ? 'True' : 'False');

/** How each attribute reads, before it is quoted; null when there is none to speak of. */
const READINGS: {
  readonly [K in keyof CheckerAttributes]: (value: CheckerAttributes[K]) => string | null;
} = {
  approval_delay: durationText,
  approval_duration: durationText,
  created: timeText,
  enabled: truth,
  expires: timeText,
  key_id: text,
  fingerprint: text,
  host: text,
  interval: durationText,
  last_approval_request: timeText,
  last_checked_ok: timeText,
  last_enabled: timeText,
  name: text,
  timeout: durationText,
  dbus_object_path: (value) => value,
};

/** One conversion: a name, flags and a width that only pad, a length that means nothing, a type. */
const CONVERSION = /%(?:%|\(([^()]*)\)([-+ #0]*)(\d*)[hlL]?(.?))?/gsu;

/** Wider fields than this are a mistake. */
const WIDEST = 999;

/**
 * Expands a checker for one run: `%(host)s` is the client's host, quoted for the shell (L2),
 * `%%` a percent sign. As in the original a width pads with spaces (`%(name)-20s`); what
 * would tear the quotes apart (`%(host).5s`, `%(host)r`) is a problem here, as is everything
 * that is one in the original.
 */
export function expandChecker(checker: string, attributes: CheckerAttributes): CheckerCommand {
  const problems: string[] = [];
  const command = checker.replace(
    CONVERSION,
    (whole, name?: string, flags = '', width = '', type = '') => {
      if (whole === '%%') return '%';
      const value = name === undefined ? null : reading(name, attributes);
      if (name === undefined) problems.push(`a lone '%' (write '%%' for a percent sign)`);
      else if (type !== 's') problems.push(`'${whole}': only the form %(${name})s is understood`);
      else if (value === null) problems.push(`'${whole}': there is no attribute '${name}' here`);
      else if (Number(width) > WIDEST) problems.push(`'${whole}': the width is too large`);
      else return padded(shellQuoted(value), flags.includes('-'), Number(width));
      return '';
    },
  );
  const [problem] = problems;
  if (problem !== undefined) return { kind: 'problem', problem: `bad format: ${problem}` };
  if (command.includes('\0')) return { kind: 'problem', problem: 'a NUL character in it' };
  if (!command.isWellFormed()) return { kind: 'problem', problem: 'a broken character in it' };
  return { kind: 'command', command };
}

function reading(name: string, attributes: CheckerAttributes): string | null {
  if (!Object.hasOwn(READINGS, name)) return null;
  return readAttribute(name as keyof CheckerAttributes, attributes);
}

function readAttribute<K extends keyof CheckerAttributes>(
  name: K,
  attributes: CheckerAttributes,
): string | null {
  return READINGS[name](attributes[name]);
}

/** Widths count characters, not UTF-16 units. */
function padded(value: string, left: boolean, width: number): string {
  const padding = ' '.repeat(Math.max(0, width - [...value].length));
  return left ? value + padding : padding + value;
}

/**
 * One word of the shell (POSIX, "Quoting"): as it is when nothing in it can mean anything to
 * a shell, else between single quotes, where only the single quote itself needs care.
 */
export function shellQuoted(value: string): string {
  if (/^[\w@%+=:,./-]+$/.test(value)) return value;
  return `'${value.replaceAll("'", `'"'"'`)}'`;
}

const DAY = 86_400_000;
const HOUR = 3_600_000;
const MINUTE = 60_000;
const SECOND = 1000;

/** As the original writes a length of time: `2 days, 3:04:05`, `0:00:00.500000`. */
function durationText(duration: Duration): string {
  const days = Math.floor(duration / DAY);
  const hours = Math.floor((duration % DAY) / HOUR);
  const minutes = twoDigits(Math.floor((duration % HOUR) / MINUTE));
  const seconds = twoDigits(Math.floor((duration % MINUTE) / SECOND));
  const clock = `${hours}:${minutes}:${seconds}${fraction(duration % SECOND)}`;
  if (days === 0) return clock;
  return `${days} ${days === 1 ? 'day' : 'days'}, ${clock}`;
}

/** The last moment that a `Date` can hold. */
const LATEST = 8_640_000_000_000_000;

/** As the original writes a moment, in UTC: `2026-11-23 18:39:42.349000`; `None` for none. */
function timeText(time: WallTime | null): string {
  if (time === null) return 'None';
  const date = new Date(Math.min(Math.max(Math.floor(time), -LATEST), LATEST));
  const [day, clock = ''] = date.toISOString().split('T');
  return `${day} ${clock.slice(0, 8)}${fraction(date.getUTCMilliseconds())}`;
}

function twoDigits(count: number): string {
  return String(count).padStart(2, '0');
}

/** Six digits, or nothing when there is nothing to tell. */
function fraction(milliseconds: number): string {
  return milliseconds === 0 ? '' : `.${String(milliseconds).padStart(3, '0')}000`;
}
