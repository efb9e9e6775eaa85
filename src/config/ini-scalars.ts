import { MandosError } from '../core/error.ts';

const BOOLEANS: ReadonlyMap<string, boolean> = new Map([
  ['1', true],
  ['yes', true],
  ['true', true],
  ['on', true],
  ['0', false],
  ['no', false],
  ['false', false],
  ['off', false],
]);

/** A truth value as `configparser.getboolean` reads it. Throws `MandosError` `config-value`. */
export function parseBoolean(text: string): boolean {
  const value = BOOLEANS.get(text.toLowerCase());
  if (value === undefined) {
    throw new MandosError('config-value', `neither true nor false: ${JSON.stringify(text)}`, {
      hint: 'write 1, yes, true or on, or 0, no, false or off',
    });
  }
  return value;
}

const INTEGER = /^\s*([+-]?)(\p{Nd}+(?:_\p{Nd}+)*)\s*$/u;

/**
 * A whole number as Python's `int()` reads it: spaces around it, a sign, `_` between digits,
 * and decimal digits of any script. Throws `MandosError` `config-value`.
 */
export function parseInteger(text: string): number {
  const match = INTEGER.exec(text);
  if (match?.[2] === undefined) {
    throw new MandosError('config-value', `not a whole number: ${JSON.stringify(text)}`);
  }
  const digits = Array.from(match[2].replaceAll('_', ''), digitValue).join('');
  const value = Number(digits);
  if (!Number.isSafeInteger(value)) {
    throw new MandosError('config-value', `a number is too large: ${JSON.stringify(text)}`);
  }
  return match[1] === '-' && value !== 0 ? -value : value;
}

/** Unicode keeps the ten digits of a script side by side, so the distance to zero is the value. */
function digitValue(digit: string): number {
  if (digit >= '0' && digit <= '9') return Number(digit);
  const code = digit.codePointAt(0) ?? 0;
  let distance = 0;
  while (/\p{Nd}/u.test(String.fromCodePoint(code - distance - 1))) distance++;
  return distance % 10;
}
