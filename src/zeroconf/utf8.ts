/** Text as UTF-8 in a byte string (one character U+0000 to U+00FF a byte). */
export function utf8Encode(text: string): string {
  let bytes = '';
  for (const character of text.toWellFormed()) {
    const code = character.codePointAt(0) ?? 0;
    if (code < 0x80) bytes += character;
    else if (code < 0x800) bytes += String.fromCharCode(0xc0 | (code >> 6), low(code));
    else if (code < 0x10000)
      bytes += String.fromCharCode(0xe0 | (code >> 12), low(code >> 6), low(code));
    else
      bytes += String.fromCharCode(0xf0 | (code >> 18), low(code >> 12), low(code >> 6), low(code));
  }
  return bytes;
}

function low(code: number): number {
  return 0x80 | (code & 0x3f);
}

/** The text that a byte string holds as UTF-8 (RFC 3629); null when it is none. */
export function utf8Decode(bytes: string): string | null {
  if (/^[\0-\x7f]*$/.test(bytes)) return bytes;
  try {
    // The escapes of RFC 3986 are UTF-8, and every ECMAScript engine checks them strictly.
    return decodeURIComponent(bytes.replace(/[\s\S]/g, (byte) => `%${hexByte(byte)}`));
  } catch {
    return null;
  }
}

function hexByte(byte: string): string {
  return byte.charCodeAt(0).toString(16).padStart(2, '0');
}
