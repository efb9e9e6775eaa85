import { concat } from '../../src/core/bytes.ts';
import type { Random } from './random.ts';

const LONGEST = 64 * 1024;

/** Values at which parsers go wrong. */
const EDGES = [0x00, 0x01, 0x0a, 0x0d, 0x20, 0x25, 0x3d, 0x5b, 0x7f, 0x80, 0xc0, 0xfe, 0xff];

type Mutation = (input: Uint8Array, random: Random, pool: Pool) => Uint8Array;

/** What mutations draw from. */
export interface Pool {
  readonly seeds: readonly Uint8Array[];
  readonly dictionary: readonly Uint8Array[];
}

/** One of the seeds with one to eight mutations. */
export function mutatedSeed(random: Random, pool: Pool): Uint8Array {
  let input = random.pick(pool.seeds)?.slice() ?? new Uint8Array(0);
  for (let count = 1 + random.below(8); count > 0; count--) {
    const mutate = random.pick(MUTATIONS) ?? flipBit;
    input = mutate(input, random, pool).slice(0, LONGEST);
  }
  return input;
}

/** Replaces `removed` bytes at `start` by `inserted`. */
function splice(
  input: Uint8Array,
  start: number,
  removed: number,
  inserted: Uint8Array,
): Uint8Array {
  return concat([input.subarray(0, start), inserted, input.subarray(start + removed)]);
}

/** A random stretch of the bytes. */
function stretch(bytes: Uint8Array, random: Random): Uint8Array {
  const start = random.below(bytes.length + 1);
  return bytes.subarray(start, start + random.below(bytes.length - start + 1));
}

const flipBit: Mutation = (input, random) => {
  const at = random.below(input.length);
  const byte = input[at];
  if (byte !== undefined) input[at] = byte ^ (1 << random.below(8));
  return input;
};

const setByte: Mutation = (input, random) => {
  if (input.length === 0) return input;
  input[random.below(input.length)] = random.pick(EDGES) ?? 0;
  return input;
};

const addToByte: Mutation = (input, random) => {
  const at = random.below(input.length);
  const byte = input[at];
  if (byte !== undefined) input[at] = byte + random.below(33) - 16;
  return input;
};

const truncate: Mutation = (input, random) => input.slice(0, random.below(input.length + 1));

const remove: Mutation = (input, random) => {
  const start = random.below(input.length + 1);
  return splice(input, start, random.below(input.length - start + 1), new Uint8Array(0));
};

const insertRandom: Mutation = (input, random) => {
  const bytes = Uint8Array.from({ length: 1 + random.below(16) }, () => random.below(256));
  return splice(input, random.below(input.length + 1), 0, bytes);
};

const insertWord: Mutation = (input, random, { dictionary }) =>
  splice(input, random.below(input.length + 1), 0, random.pick(dictionary) ?? new Uint8Array(1));

const overwriteWithWord: Mutation = (input, random, { dictionary }) => {
  const word = random.pick(dictionary) ?? new Uint8Array(1);
  return splice(input, random.below(input.length + 1), word.length, word);
};

const repeat: Mutation = (input, random) => {
  const part = stretch(input, random);
  const times = 1 + random.below(random.below(10) === 0 ? 1000 : 8);
  const enough = Math.min(times, Math.ceil(LONGEST / (part.length + 1)));
  const copies = concat(Array.from({ length: enough }, () => part));
  return splice(input, random.below(input.length + 1), 0, copies);
};

const crossOver: Mutation = (input, random, { seeds }) =>
  concat([
    truncate(input, random, { seeds, dictionary: [] }),
    stretch(random.pick(seeds) ?? input, random),
  ]);

const swap: Mutation = (input, random) => {
  const part = stretch(input, random).slice();
  return splice(input, random.below(input.length + 1), part.length, part);
};

const MUTATIONS: readonly Mutation[] = [
  ...[flipBit, setByte, addToByte, truncate, remove, insertRandom],
  ...[insertWord, insertWord, overwriteWithWord, repeat, crossOver, swap],
];
