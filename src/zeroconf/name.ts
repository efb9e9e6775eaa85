import { utf8Decode, utf8Encode } from './utf8.ts';

/**
 * One label of a domain name, 1 to 63 bytes, as a byte string (one character U+0000 to
 * U+00FF a byte): labels need not be UTF-8, and strings can be compared.
 */
export type Label = string;

/** A domain name without its root; at most 255 bytes on the wire (RFC 1035, section 3.1). */
export type Name = readonly Label[];

export const LONGEST_LABEL = 63;
export const LONGEST_NAME = 255;

/** A name in ASCII as people write it: `name('_mandos._tcp.local')`. */
export function name(text: string): Name {
  return text.split('.');
}

/** How many bytes the name takes without compression. */
export function nameLength(labels: Name): number {
  return labels.reduce((length, label) => length + 1 + label.length, 1);
}

/** Equal for names that are the same: ASCII letters have no case (RFC 6762, section 16). */
export function nameKey(labels: Name): string {
  let key = '';
  for (const label of labels) key += String.fromCharCode(label.length) + labelKey(label);
  return key;
}

export function labelKey(label: Label): string {
  return label.replace(/[A-Z]+/g, (letters) => letters.toLowerCase());
}

export function sameName(one: Name, other: Name): boolean {
  return one.length === other.length && nameKey(one) === nameKey(other);
}

/** The label's text for people; a label that is no UTF-8 is shown byte by byte. */
export function labelText(label: Label): string {
  return utf8Decode(label) ?? label;
}

/** The name for people. It may hold control characters; logs and terminals escape them. */
export function nameText(labels: Name): string {
  return labels.map((label) => labelText(label).replace(/[\\.]/g, '\\$&')).join('.');
}

/** A text as a label; null when it is empty or has more than 63 bytes in UTF-8. */
export function label(text: string): Label | null {
  const bytes = utf8Encode(text);
  return bytes.length >= 1 && bytes.length <= LONGEST_LABEL ? bytes : null;
}

/** The same for a text that is known to fit; throws `RangeError` when it does not. */
export function labelOf(text: string): Label {
  const bytes = label(text);
  if (bytes === null) throw new RangeError('not a label of 1 to 63 bytes');
  return bytes;
}

/** As much of the text as fits into so many bytes of UTF-8, whole characters only. */
export function shortened(text: string, bytes: number): string {
  let short = '';
  let length = 0;
  for (const character of text) {
    length += utf8Encode(character).length;
    if (length > bytes) break;
    short += character;
  }
  return short;
}
