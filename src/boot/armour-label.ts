import { asciiBytes } from '../core/bytes.ts';

const BEGIN = asciiBytes('-----BEGIN ');
const DASHES = asciiBytes('-----');
const NEWLINE = 0x0a;
const LONGEST_LABEL = 64;

/**
 * The label of the first PEM or OpenPGP armour in the bytes, such as `PUBLIC KEY`; null when
 * there is none. Looks at nothing else, and makes no text of what may be a secret (S4).
 */
export function armourLabel(bytes: Uint8Array): string | null {
  for (let start = 0; start < bytes.length; start = nextLine(bytes, start)) {
    if (!hasAt(bytes, start, BEGIN)) continue;
    let label = '';
    for (let at = start + BEGIN.length; label.length <= LONGEST_LABEL; at++) {
      if (hasAt(bytes, at, DASHES)) return label;
      const byte = bytes[at];
      if (byte === undefined || byte === NEWLINE) break;
      label += String.fromCharCode(byte);
    }
  }
  return null;
}

function nextLine(bytes: Uint8Array, from: number): number {
  const newline = bytes.indexOf(NEWLINE, from);
  return newline < 0 ? bytes.length : newline + 1;
}

function hasAt(bytes: Uint8Array, at: number, wanted: Uint8Array): boolean {
  return wanted.every((byte, index) => bytes[at + index] === byte);
}
