import { MandosError } from '../core/error.ts';
import { type Duration, seconds } from '../core/time.ts';

/** The original counts milliseconds in a signed 32-bit number; measured. */
const LONGEST_SECONDS = 2_147_484;

/**
 * Seconds with or without a fraction, as strtod(3) reads them but without hexadecimal and
 * "nan", which the original takes and then waits for ever.
 * @throws MandosError `config-value`
 */
export function parseSeconds(text: string): Duration {
  const isNumber = /^\s*[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)(e[+-]?[0-9]+)?$/i.test(text);
  const count = isNumber ? Number(text) : Number.NaN;
  if (!(count >= 0 && count < LONGEST_SECONDS)) {
    throw bad(`${JSON.stringify(text)} is no number of seconds`, 'such as 10 or 2.5');
  }
  return seconds(count);
}

/** @throws MandosError `config-value` */
export function parseDhBits(text: string): number {
  const bits = /^\s*\+?[0-9]{1,10}$/.test(text) ? Number(text) : Number.NaN;
  if (!(bits < 2 ** 32)) throw bad(`${JSON.stringify(text)} is no number of bits`, 'such as 3072');
  return bits;
}

/** Which network interfaces to use, and which of them may be brought up. */
export interface InterfaceChoice {
  /** Empty: all that are fit for it. */
  readonly names: readonly string[];
  /** Only these may be brought up; null: any. */
  readonly onlyBringUp: readonly string[] | null;
}

/**
 * All that `--interface` was given, each a list with commas. The name "none" means that
 * only those before it are brought up (mandos-client(8mandos)).
 */
export function chooseInterfaces(lists: readonly string[]): InterfaceChoice {
  const all = lists.flatMap((list) => list.split(',')).filter((name) => name !== '');
  const none = all.indexOf('none');
  const names = [...new Set(all.filter((name) => name !== 'none'))];
  return { names, onlyBringUp: none < 0 ? null : [...new Set(all.slice(0, none))] };
}

function bad(message: string, hint: string): MandosError {
  return new MandosError('config-value', message, { hint });
}
