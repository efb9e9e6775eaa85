/**
 * Bytes for a secret (S4). Engines keep small typed arrays on their heap, where a collection
 * or a first use of `.buffer` moves them and leaves the old content behind (seen with V8 for
 * 64 bytes and less); what stands on a buffer of its own stays in its place.
 */
export function wipeableBytes(length: number): Uint8Array<ArrayBuffer> {
  return new Uint8Array(new ArrayBuffer(length));
}
