/**
 * The messages of rtnetlink(7) as bytes. They are in the machine's own byte order, which is
 * little-endian on every machine that there is a runtime for.
 */

/** A message is a header of 16 bytes, a fixed part, and attributes; each aligned to 4 bytes. */
const HEADER_SIZE = 16;
const ATTRIBUTE_HEADER_SIZE = 4;

export interface NetlinkMessage {
  readonly type: number;
  /** After the header. */
  readonly body: Uint8Array;
}

export interface Attribute {
  readonly type: number;
  readonly value: Uint8Array;
}

/** One request as bytes. */
export function encodeRequest(
  type: number,
  flags: number,
  fixed: Uint8Array,
  attributes: readonly Attribute[],
): Uint8Array {
  const sizes = attributes.map(({ value }) => aligned(ATTRIBUTE_HEADER_SIZE + value.length));
  const length = HEADER_SIZE + aligned(fixed.length) + sizes.reduce((sum, size) => sum + size, 0);
  const bytes = new Uint8Array(length);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, length, true);
  view.setUint16(4, type, true);
  view.setUint16(6, flags, true);
  view.setUint32(8, 1, true);
  bytes.set(fixed, HEADER_SIZE);
  let at = HEADER_SIZE + aligned(fixed.length);
  for (const [index, { type: attributeType, value }] of attributes.entries()) {
    view.setUint16(at, ATTRIBUTE_HEADER_SIZE + value.length, true);
    view.setUint16(at + 2, attributeType, true);
    bytes.set(value, at + ATTRIBUTE_HEADER_SIZE);
    at += sizes[index] ?? 0;
  }
  return bytes;
}

/** The messages in one datagram. */
export function* messagesIn(datagram: Uint8Array): Generator<NetlinkMessage> {
  const view = viewOf(datagram);
  for (let at = 0; at + HEADER_SIZE <= datagram.length; ) {
    const length = view.getUint32(at, true);
    if (length < HEADER_SIZE || at + length > datagram.length) return;
    const type = view.getUint16(at + 4, true);
    yield { type, body: datagram.subarray(at + HEADER_SIZE, at + length) };
    at += aligned(length);
  }
}

/** The attributes of a message after its fixed part. */
export function* attributesIn(body: Uint8Array, fixedSize: number): Generator<Attribute> {
  const view = viewOf(body);
  for (let at = aligned(fixedSize); at + ATTRIBUTE_HEADER_SIZE <= body.length; ) {
    const length = view.getUint16(at, true);
    if (length < ATTRIBUTE_HEADER_SIZE || at + length > body.length) return;
    const type = view.getUint16(at + 2, true);
    yield { type, value: body.subarray(at + ATTRIBUTE_HEADER_SIZE, at + length) };
    at += aligned(length);
  }
}

export function uint32(value: number): Uint8Array {
  const bytes = new Uint8Array(4);
  viewOf(bytes).setUint32(0, value, true);
  return bytes;
}

export function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function aligned(length: number): number {
  return (length + 3) & ~3;
}
