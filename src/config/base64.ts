import { wipeableBytes, wipeableCopy } from '../core/wipeable-bytes.ts';

/** Each ASCII code's six bits; 64 for what is not of the alphabet. */
const SEXTETS = Uint8Array.from({ length: 256 }, (_, code) => {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
  const index = alphabet.indexOf(String.fromCharCode(code));
  return index < 0 ? 64 : index;
});
const EQUALS = 0x3d;

/**
 * Decodes base64 as Python's `binascii` does when not strict, since that is what existing
 * files were written for: characters outside the alphabet are skipped, the first complete
 * padding ends the data. Null when the data stops inside a group of four.
 *
 * Bytes in, bytes out, in an array of its own, because the data is a secret (S4).
 */
export function decodeBase64(text: Uint8Array): Uint8Array | null {
  const output = wipeableBytes(Math.ceil((text.length * 3) / 4));
  let length = 0;
  let position = 0; // within the group of four
  let pads = 0;
  let carry = 0;
  for (const code of text) {
    if (code === EQUALS) {
      if (position < 2) continue;
      pads++;
      if (position + pads >= 4) return cut(output, length);
      continue;
    }
    const sextet = SEXTETS[code] ?? 64;
    if (sextet === 64) continue;
    pads = 0;
    if (position > 0) {
      output[length++] = (carry << (2 * position)) | (sextet >> (6 - 2 * position));
    }
    carry = sextet;
    position = (position + 1) % 4;
  }
  if (position === 0) return cut(output, length);
  output.fill(0);
  return null;
}

function cut(output: Uint8Array, length: number): Uint8Array {
  const exact = wipeableCopy(output.subarray(0, length));
  output.fill(0);
  return exact;
}
