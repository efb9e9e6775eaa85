/** Our values as those that the original keeps (`clients.pickle`), under its names. */
import type { StoredSettings } from '../../core/stored-client.ts';
import type { PickleValue } from './pickle-value.ts';

export type Fields = Readonly<Record<string, PickleValue>>;

export function settingsFields(settings: StoredSettings): Fields {
  return {
    key_id: settings.keyId ?? '',
    fingerprint: settings.fingerprint,
    host: settings.host,
    checker_command: settings.checker,
    timeout: duration(settings.timeout),
    extended_timeout: duration(settings.extendedTimeout),
    interval: duration(settings.interval),
    approval_delay: duration(settings.approvalDelay),
    approval_duration: duration(settings.approvalDuration),
    approved_by_default: settings.approvedByDefault,
  };
}

/** The longest of its timers, in milliseconds; at the start one runs for two intervals. */
const LONGEST = 2 ** 32 - 1;
const LONGEST_INTERVAL = 2 ** 31 - 1000;

/** Those that its timers can bear. */
export function limited(settings: StoredSettings): StoredSettings {
  const { timeout, extendedTimeout, interval, approvalDelay, approvalDuration } = settings;
  return {
    ...settings,
    timeout: Math.min(timeout, LONGEST),
    extendedTimeout: Math.min(extendedTimeout, LONGEST),
    interval: Math.min(interval, LONGEST_INTERVAL),
    approvalDelay: Math.min(approvalDelay, LONGEST),
    approvalDuration: Math.min(approvalDuration, LONGEST),
  };
}

const FIRST_TIME = Date.parse('0100-01-01T00:00:00.000Z');
/** The last that Python can hold. */
export const LAST_TIME = Date.parse('9999-12-31T23:59:59.999Z');

export function dict(fields: Fields | ReadonlyMap<string, PickleValue>): PickleValue {
  const items = fields instanceof Map ? fields : new Map(Object.entries(fields));
  return { kind: 'dict', items };
}

function duration(value: number): PickleValue {
  return { kind: 'timedelta', milliseconds: value };
}

/** A wall clock time in milliseconds since 1970; one that Python cannot hold is none. */
export function time(value: number | null): PickleValue {
  const whole = value === null ? Number.NaN : Math.floor(value);
  if (!(whole >= FIRST_TIME && whole <= LAST_TIME)) return null;
  return { kind: 'datetime', milliseconds: whole };
}
