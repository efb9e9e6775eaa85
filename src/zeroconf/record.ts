import { latin1Text } from '../core/bytes.ts';
import { type Name, nameKey } from './name.ts';

/** The record types that are understood (RFC 1035, 2782, 3596, 4034). */
export const RecordType = {
  a: 1,
  ptr: 12,
  txt: 16,
  aaaa: 28,
  srv: 33,
  nsec: 47,
  any: 255,
} as const;

export const CLASS_IN = 1;
export const CLASS_ANY = 255;

export type RecordData =
  | { readonly kind: 'a'; readonly address: Uint8Array }
  | { readonly kind: 'aaaa'; readonly address: Uint8Array }
  | { readonly kind: 'ptr'; readonly target: Name }
  | {
      readonly kind: 'srv';
      readonly priority: number;
      readonly weight: number;
      readonly port: number;
      readonly target: Name;
    }
  | { readonly kind: 'txt'; readonly bytes: Uint8Array }
  /** The types that exist at the name; none above 255 (RFC 6762, section 6.1). */
  | { readonly kind: 'nsec'; readonly next: Name; readonly types: readonly number[] }
  | { readonly kind: 'other'; readonly type: number; readonly bytes: Uint8Array };

export interface ResourceRecord {
  readonly name: Name;
  readonly recordClass: number;
  /** The cache-flush bit: the sender owns all records of this name and type. */
  readonly flush: boolean;
  /** Seconds; 0 says goodbye. */
  readonly ttl: number;
  readonly data: RecordData;
}

export function typeOf(data: RecordData): number {
  return data.kind === 'other' ? data.type : RecordType[data.kind];
}

/**
 * The data as it stands on the wire without compression, as a byte string. Compared with
 * `<`, it gives the order of RFC 6762, section 8.2.
 */
export function rawData(data: RecordData, writeName: (labels: Name) => string = wireName): string {
  switch (data.kind) {
    case 'a':
    case 'aaaa':
      return latin1Text(data.address);
    case 'ptr':
      return writeName(data.target);
    case 'srv':
      return (
        [data.priority, data.weight, data.port].map(twoBytes).join('') + writeName(data.target)
      );
    case 'nsec':
      return writeName(data.next) + latin1Text(typeBitmap(data.types));
    case 'txt':
    case 'other':
      return latin1Text(data.bytes);
    default:
      return data satisfies never;
  }
}

/** Equal for records that say the same, whatever their TTL and cache-flush bit. */
export function recordKey({ name, recordClass, data }: ResourceRecord): string {
  const head = nameKey(name) + twoBytes(recordClass) + twoBytes(typeOf(data));
  return `${head}\0${rawData(data, (labels) => `${nameKey(labels)}\0`)}`;
}

/** The window block of RFC 4034, section 4.1.2, for types up to 255. */
export function typeBitmap(types: readonly number[]): Uint8Array {
  const length = Math.floor(Math.max(0, ...types) / 8) + 1;
  const block = new Uint8Array(2 + length);
  block[1] = length;
  for (const type of types) {
    const at = 2 + (type >> 3);
    block[at] = (block[at] ?? 0) | (0x80 >> (type & 7));
  }
  return block;
}

/** A name on the wire without compression, as a byte string. */
export function wireName(labels: Name): string {
  return `${labels.map((label) => String.fromCharCode(label.length) + label).join('')}\0`;
}

function twoBytes(value: number): string {
  return String.fromCharCode(value >> 8, value & 0xff);
}
