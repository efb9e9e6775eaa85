/**
 * ASCII armour (RFC 9580, section 6) on bytes: a secret key or a message never becomes
 * text that could not be overwritten (S4).
 */
import { asciiBytes, latin1Text } from '../core/bytes.ts';

export type Unarmored =
  /** Not armoured: an OpenPGP packet starts with its highest bit set. */
  | { readonly kind: 'binary' }
  | { readonly kind: 'armored'; readonly label: string; readonly body: Uint8Array<ArrayBuffer> }
  /** A PEM file of something else, for example a TLS key. */
  | { readonly kind: 'pem'; readonly label: string }
  | { readonly kind: 'malformed' };

const DASH = 0x2d;
const NEWLINE = 0x0a;
const EQUALS = 0x3d;
const BEGIN = '-----BEGIN ';
const BASE64 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
const COLUMNS = 64;

const VALUES = new Int8Array(256).fill(-1);
for (let i = 0; i < BASE64.length; i++) VALUES[BASE64.charCodeAt(i)] = i;

/** Reads the first armoured block in `text`; what stands before and after it is ignored. */
export function unarmor(text: Uint8Array): Unarmored {
  if (((text[0] ?? 0) & 0x80) !== 0) return { kind: 'binary' };
  let label: string | undefined;
  let start = 0;
  for (const line of lines(text)) {
    const found = labelOf(text, line);
    if (found !== undefined) {
      label = found;
      start = line.next;
      break;
    }
  }
  if (label === undefined) return { kind: 'malformed' };
  if (!label.startsWith('PGP ')) return { kind: 'pem', label };
  const body = decodeBody(text, start);
  return body === undefined ? { kind: 'malformed' } : { kind: 'armored', label, body };
}

/** Armours `body`; `comment` becomes a header line and may be UTF-8 without line breaks. */
export function armor(label: string, body: Uint8Array, comment: Uint8Array): Uint8Array {
  const head = asciiBytes(`${BEGIN}${label}-----\nComment: `);
  const tail = asciiBytes(`-----END ${label}-----\n`);
  const encoded = Math.ceil(body.length / 3) * 4;
  const text = new Uint8Array(
    head.length + comment.length + 2 + encoded + Math.ceil(encoded / COLUMNS) + 6 + tail.length,
  );
  let at = 0;
  const put = (bytes: Uint8Array): void => {
    text.set(bytes, at);
    at += bytes.length;
  };
  put(head);
  put(comment);
  put(new Uint8Array([NEWLINE, NEWLINE]));
  let column = 0;
  for (let i = 0; i < body.length; i += 3) {
    at = encodeGroup(body.subarray(i, i + 3), text, at);
    column += 4;
    if (column === COLUMNS || i + 3 >= body.length) {
      text[at++] = NEWLINE;
      column = 0;
    }
  }
  text[at++] = EQUALS;
  at = encodeGroup(checksum(body), text, at);
  text[at++] = NEWLINE;
  put(tail);
  return text;
}

interface Line {
  readonly start: number;
  /** Behind the last character that is not white space. */
  readonly end: number;
  readonly next: number;
}

function* lines(text: Uint8Array, from = 0): Generator<Line> {
  let start = from;
  while (start < text.length) {
    const newline = text.indexOf(NEWLINE, start);
    const next = newline === -1 ? text.length : newline + 1;
    let end = newline === -1 ? next : newline;
    while (end > start && (text[end - 1] ?? 0) <= 0x20) end--;
    yield { start, end, next };
    start = next;
  }
}

function labelOf(text: Uint8Array, line: Line): string | undefined {
  const length = line.end - line.start;
  if (length > 80 || length < BEGIN.length || text[line.start] !== DASH) return undefined;
  const content = latin1Text(text.subarray(line.start, line.end));
  return /^-----BEGIN ([A-Z0-9 ,/]+)-----$/.exec(content)?.[1];
}

function decodeBody(text: Uint8Array, from: number): Uint8Array<ArrayBuffer> | undefined {
  const body = new Uint8Array(Math.ceil(((text.length - from) * 3) / 4));
  let length = 0;
  let inHeaders = true;
  let bits = 0;
  let held = 0;
  let sum: Uint8Array | undefined;
  const fail = (): undefined => {
    body.fill(0);
    return undefined;
  };
  for (const line of lines(text, from)) {
    const content = text.subarray(line.start, line.end);
    if (inHeaders) {
      // Header lines have a colon, Base64 has none; a blank line ends the headers.
      if (content.length === 0) inHeaders = false;
      if (content.length === 0 || content.includes(0x3a)) continue;
      inHeaders = false;
    }
    if (content[0] === DASH) {
      const whole = body.slice(0, length);
      body.fill(0);
      if (sum !== undefined && !equal(sum, checksum(whole))) {
        whole.fill(0);
        return undefined;
      }
      return whole;
    }
    if (content[0] === EQUALS && content.length === 5) {
      sum = decodeSum(content.subarray(1));
      if (sum === undefined) return fail();
      continue;
    }
    for (const character of content) {
      if (character === EQUALS) continue;
      const value = VALUES[character] ?? -1;
      if (value < 0) return fail();
      held = ((held << 6) | value) & 0xffff;
      bits += 6;
      if (bits >= 8) {
        bits -= 8;
        body[length++] = held >> bits;
      }
    }
  }
  return fail();
}

function decodeSum(digits: Uint8Array): Uint8Array | undefined {
  let sum = 0;
  for (const digit of digits) {
    const value = VALUES[digit] ?? -1;
    if (value < 0) return undefined;
    sum = (sum << 6) | value;
  }
  return new Uint8Array([sum >> 16, sum >> 8, sum]);
}

function encodeGroup(group: Uint8Array, text: Uint8Array, at: number): number {
  const [a = 0, b = 0, c = 0] = group;
  const word = (a << 16) | (b << 8) | c;
  for (let i = 0; i < 4; i++) {
    text[at + i] = i <= group.length ? BASE64.charCodeAt((word >> (18 - 6 * i)) & 63) : EQUALS;
  }
  return at + 4;
}

/** CRC-24 of RFC 9580, section 6.1.1. */
function checksum(body: Uint8Array): Uint8Array {
  let crc = 0xb704ce;
  for (const byte of body) {
    crc ^= byte << 16;
    for (let i = 0; i < 8; i++) crc = (crc << 1) ^ ((crc & 0x800000) !== 0 ? 0x1864cfb : 0);
  }
  return new Uint8Array([crc >> 16, crc >> 8, crc]);
}

function equal(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, i) => byte === b[i]);
}
