/** Numeric addresses between text and network order, without Node's or a resolver's help. */

/** The 4 bytes of an IPv4 address in dotted form; null when it is none. */
export function parseIpv4(text: string): Uint8Array | null {
  const parts = text.split('.');
  if (parts.length !== 4 || !parts.every((part) => /^(0|[1-9]\d{0,2})$/.test(part))) return null;
  const numbers = parts.map(Number);
  return numbers.every((number) => number <= 255) ? Uint8Array.from(numbers) : null;
}

/** The 16 bytes of an IPv6 address (RFC 4291, section 2.2); null when it is none. */
export function parseIpv6(text: string): Uint8Array | null {
  const halves = text.split('::');
  if (halves.length > 2) return null;
  const [head, tail] = [groups(halves[0] ?? ''), groups(halves[1] ?? '')];
  if (head === null || tail === null) return null;
  const missing = 16 - head.length - tail.length;
  if (halves.length === 1 ? missing !== 0 : missing < 2) return null;
  return Uint8Array.from([...head, ...new Array<number>(missing).fill(0), ...tail]);
}

/** Groups of four hexadecimal digits, the last perhaps an IPv4 address, as bytes. */
function groups(text: string): number[] | null {
  if (text === '') return [];
  const parts = text.split(':');
  const bytes: number[] = [];
  for (const [index, part] of parts.entries()) {
    const ipv4 = index === parts.length - 1 ? parseIpv4(part) : null;
    if (ipv4 !== null) bytes.push(...ipv4);
    else if (/^[0-9a-f]{1,4}$/i.test(part)) {
      const value = Number.parseInt(part, 16);
      bytes.push(value >> 8, value & 0xff);
    } else return null;
  }
  return bytes;
}

/** The bytes of either kind of address; null when the text is none. */
export function parseAddress(text: string): Uint8Array | null {
  return text.includes(':') ? parseIpv6(text) : parseIpv4(text);
}

/** 4 or 16 bytes as text; IPv6 in the one form of RFC 5952. */
export function addressText(bytes: Uint8Array): string {
  if (bytes.length === 4) return bytes.join('.');
  const values: number[] = [];
  for (let i = 0; i < 16; i += 2) values.push((bytes[i] ?? 0) * 0x100 + (bytes[i + 1] ?? 0));
  const { start, length } = longestZeros(values);
  const text = (part: readonly number[]): string =>
    part.map((value) => value.toString(16)).join(':');
  if (length < 2) return text(values);
  return `${text(values.slice(0, start))}::${text(values.slice(start + length))}`;
}

function longestZeros(values: readonly number[]): { start: number; length: number } {
  let best = { start: 0, length: 0 };
  let start = 0;
  for (const [index, value] of values.entries()) {
    if (value !== 0) start = index + 1;
    else if (index + 1 - start > best.length) best = { start, length: index + 1 - start };
  }
  return best;
}

/** fe80::/10 (RFC 4291, section 2.5.6) or 169.254.0.0/16 (RFC 3927). */
export function isLinkLocal(bytes: Uint8Array): boolean {
  const [first = 0, second = 0] = bytes;
  return bytes.length === 4
    ? first === 169 && second === 254
    : first === 0xfe && (second & 0xc0) === 0x80;
}

/** Whether another machine can be reached at the address: no loopback, multicast, mapped or null address. */
export function isUnicast(bytes: Uint8Array): boolean {
  const [first = 0] = bytes;
  if (bytes.length === 4) return first !== 0 && first !== 127 && first < 224;
  // ::/16 holds the unspecified, loopback, IPv4-mapped and IPv4-compatible addresses.
  return first !== 0xff && !(first === 0 && bytes[1] === 0);
}

/** Whether both addresses are of one kind and share their first `prefixLength` bits. */
export function samePrefix(one: Uint8Array, other: Uint8Array, prefixLength: number): boolean {
  if (one.length !== other.length) return false;
  return one.every((byte, index) => {
    const bits = Math.min(8, Math.max(0, prefixLength - index * 8));
    return (byte ^ (other[index] ?? 0)) >> (8 - bits) === 0;
  });
}
