/**
 * What Python calls white space, in UTF-8. It differs from ECMAScript's: U+001C to U+001F and
 * U+0085 are white space, U+FEFF is not. Works on bytes, so that a line that holds a secret
 * is never made into a text (S4).
 */

/** The number of bytes of the white space character at `index`; 0 when there is none. */
export function whitespaceAt(bytes: Uint8Array, index: number): number {
  const first = bytes[index];
  if (first === undefined) return 0;
  if (first < 0x80) return isAsciiWhitespace(first) ? 1 : 0;
  const second = bytes[index + 1] ?? 0;
  if (first === 0xc2) return second === 0x85 || second === 0xa0 ? 2 : 0;
  return isWideWhitespace(first, second, bytes[index + 2] ?? 0) ? 3 : 0;
}

/** The number of bytes of the white space character that ends just before `end`; or 0. */
export function whitespaceBefore(bytes: Uint8Array, end: number): number {
  const last = bytes[end - 1];
  if (last === undefined) return 0;
  if (last < 0x80) return isAsciiWhitespace(last) ? 1 : 0;
  if (whitespaceAt(bytes, end - 2) === 2) return 2;
  return whitespaceAt(bytes, end - 3) === 3 ? 3 : 0;
}

/** The part of `bytes` between leading and trailing white space; no copy. */
export function strip(bytes: Uint8Array): Uint8Array {
  let start = 0;
  for (;;) {
    const length = whitespaceAt(bytes, start);
    if (length === 0) break;
    start += length;
  }
  return stripEnd(bytes.subarray(start));
}

/** `bytes` without trailing white space; no copy. */
export function stripEnd(bytes: Uint8Array): Uint8Array {
  let end = bytes.length;
  for (;;) {
    const length = whitespaceBefore(bytes, end);
    if (length === 0) return bytes.subarray(0, end);
    end -= length;
  }
}

/** How many white space characters (not bytes) a line starts with. */
export function indentation(bytes: Uint8Array): number {
  let characters = 0;
  let index = 0;
  for (;;) {
    const length = whitespaceAt(bytes, index);
    if (length === 0) return characters;
    index += length;
    characters++;
  }
}

function isAsciiWhitespace(code: number): boolean {
  return code === 0x20 || (code >= 0x09 && code <= 0x0d) || (code >= 0x1c && code <= 0x1f);
}

/** U+1680, U+2000 to U+200A, U+2028, U+2029, U+202F, U+205F, U+3000. */
function isWideWhitespace(first: number, second: number, third: number): boolean {
  if (first === 0xe1) return second === 0x9a && third === 0x80;
  if (first === 0xe3) return second === 0x80 && third === 0x80;
  if (first !== 0xe2) return false;
  if (second === 0x81) return third === 0x9f;
  return (
    second === 0x80 &&
    ((third >= 0x80 && third <= 0x8a) || third === 0xa8 || third === 0xa9 || third === 0xaf)
  );
}
