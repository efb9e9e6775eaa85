import { concat } from '../../src/core/bytes.ts';

/**
 * A shorter input for which `fails` still holds: takes out ever smaller stretches as long as
 * that is so. Asks at most `tries` times.
 */
export async function minimise(
  input: Uint8Array,
  fails: (candidate: Uint8Array) => boolean | Promise<boolean>,
  tries = 2000,
): Promise<Uint8Array> {
  let smallest = input;
  let left = tries;
  for (let length = smallest.length >> 1; length >= 1; length >>= 1) {
    let start = 0;
    while (start < smallest.length && left > 0) {
      const candidate = concat([smallest.subarray(0, start), smallest.subarray(start + length)]);
      left -= 1;
      if (await fails(candidate)) smallest = candidate;
      else start += length;
    }
  }
  return smallest;
}
