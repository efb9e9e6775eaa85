/** What is taken as the value of a property when it is set. */
import { DBusError, ErrorName } from './dbus-error.ts';
import { Variant } from './wire.ts';

const INTEGERS = new Set(['y', 'n', 'q', 'i', 'u', 'x', 't']);

const MAX_UINT64 = 2n ** 64n - 1n;

/**
 * The value inside a variant, if it is of the property's type. Any integer will do for a
 * number of milliseconds (`t`, then a `bigint`): mandos-ctl sends the smallest type that
 * holds it. Throws `DBusError`, and never quotes the value: it may be a secret (S4).
 */
export function valueOfType(type: string, given: unknown): unknown {
  if (!(given instanceof Variant)) throw wrongType(type, 'no variant');
  const { signature, value } = given;
  if (signature === type) return value;
  if (type !== 't' || !INTEGERS.has(signature)) throw wrongType(type, signature);
  const number = typeof value === 'bigint' ? value : BigInt(Number(value));
  if (number < 0n || number > MAX_UINT64) {
    throw new DBusError(ErrorName.overflowError, `out of range for type ${type}: ${number}`);
  }
  return number;
}

function wrongType(wanted: string, given: string): DBusError {
  return new DBusError(ErrorName.typeError, `wants a value of type ${wanted}, not ${given}`);
}
