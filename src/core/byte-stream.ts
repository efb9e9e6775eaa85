/**
 * A connection as two directions of bytes. A TCP socket is one; so is a pair of arrays in
 * a test.
 */
export interface ByteStream {
  /**
   * The next bytes, at least one; null once the peer has ended its direction. At most one
   * call at a time. Rejects when the connection breaks, and after `destroy`.
   */
  read(): Promise<Uint8Array | null>;
  /** Resolves when the bytes have been handed to the system; in the order of the calls. */
  write(bytes: Uint8Array): Promise<void>;
  /** Ends our direction after everything written. */
  end(): Promise<void>;
  /** Drops the connection at once; pending calls reject. Harmless when repeated. */
  destroy(): void;
}
