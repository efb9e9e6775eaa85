/**
 * Byte and text conversions in plain ECMAScript, for code that may run on an engine
 * without `TextDecoder` or `Buffer` (see ARCHITECTURE.md, "engine-neutral rooms").
 */

/** ASCII text to bytes. Throws `RangeError` for a character above U+007F. */
export function asciiBytes(text: string): Uint8Array {
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code > 0x7f) throw new RangeError('text is not ASCII');
    bytes[i] = code;
  }
  return bytes;
}

/** Bytes to text, each byte one character U+0000 to U+00FF. */
export function latin1Text(bytes: Uint8Array): string {
  let text = '';
  for (const byte of bytes) text += String.fromCharCode(byte);
  return text;
}

const HEX = '0123456789abcdef';

/** Lower-case hexadecimal of the bytes, without separators. */
export function hex(bytes: Uint8Array): string {
  let text = '';
  for (const byte of bytes) text += HEX.charAt(byte >> 4) + HEX.charAt(byte & 15);
  return text;
}

/** All parts in one new array. */
export function concat(parts: readonly Uint8Array[]): Uint8Array {
  let length = 0;
  for (const part of parts) length += part.length;
  const whole = new Uint8Array(length);
  let offset = 0;
  for (const part of parts) {
    whole.set(part, offset);
    offset += part.length;
  }
  return whole;
}
