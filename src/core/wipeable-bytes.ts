/**
 * Bytes for a secret (S4). Engines keep small typed arrays on their heap, where a collection
 * or a first use of `.buffer` moves them and leaves the old content behind (seen with V8 for
 * 64 bytes and less); what stands on a buffer of its own stays in its place.
 */
export function wipeableBytes(length: number): Uint8Array<ArrayBuffer> {
  return new Uint8Array(new ArrayBuffer(length));
}

/** A copy for a secret; the original stays the caller's to wipe. */
export function wipeableCopy(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const copy = wipeableBytes(bytes.length);
  copy.set(bytes);
  return copy;
}
