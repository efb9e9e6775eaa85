/** What Python values become that are read from a pickle. */

export type PickleValue =
  | null
  | boolean
  | number
  | string
  | PickleBytes
  | PickleDateTime
  | PickleTimeDelta
  | PickleGlobal
  | PickleTuple
  | PickleList
  | PickleDict;

/** As protocol 2 has bytes: as text of which each character is one byte. */
export interface PickleBytes {
  readonly kind: 'bytes';
  readonly text: string;
}
/** Without a time zone: milliseconds since 1970, had it been in UTC. */
export interface PickleDateTime {
  readonly kind: 'datetime';
  readonly milliseconds: number;
}
export interface PickleTimeDelta {
  readonly kind: 'timedelta';
  readonly milliseconds: number;
}
export interface PickleGlobal {
  readonly kind: 'global';
  readonly name: KnownGlobal;
}
export interface PickleTuple {
  readonly kind: 'tuple';
  readonly items: readonly PickleValue[];
}
export interface PickleList {
  readonly kind: 'list';
  readonly items: PickleValue[];
}
export interface PickleDict {
  readonly kind: 'dict';
  readonly items: Map<string, PickleValue>;
}

/** What is wrong with a pickle, and where. */
export class PickleError extends Error {
  override readonly name = 'PickleError';
}

export const KNOWN_GLOBALS = [
  'datetime datetime',
  'datetime timedelta',
  '_codecs encode',
  '__builtin__ bytes',
] as const;
export type KnownGlobal = (typeof KNOWN_GLOBALS)[number];
