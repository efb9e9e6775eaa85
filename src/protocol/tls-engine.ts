/**
 * What the protocol needs of a TLS library: one connection as a machine, bytes in and
 * bytes out. OpenSSL behind `node:ffi` is one; another engine may bring its own.
 */
export interface TlsEngine {
  /** Takes encrypted bytes from the peer. */
  receive(bytes: Uint8Array): void;
  /** Goes on with the handshake; throws when it has failed. */
  handshake(): 'done' | 'more';
  /** Decrypted bytes; `more`: none yet; `end`: the peer's close_notify. Throws when it has failed. */
  read(): Uint8Array | 'more' | 'end';
  /** Encrypts all of the bytes. */
  write(bytes: Uint8Array): void;
  /** Puts a close_notify into the output if the handshake got far enough for one. */
  shutdown(): void;
  /** The encrypted bytes for the peer; empty when there are none. */
  takeOutput(): Uint8Array;
  /** The peer's proven key as DER SubjectPublicKeyInfo, or null (RFC 7250). */
  peerPublicKey(): Uint8Array | null;
  /** What was negotiated, for people to read. */
  describe(): { readonly version: string; readonly cipher: string; readonly group: string } | null;
  /** Frees it. */
  close(): void;
}
