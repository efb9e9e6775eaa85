/**
 * What must stay secret, as bytes with a role (S2, S4).
 *
 * Each role is a class of its own with a private field, so that a blob cannot be passed
 * where a password is wanted: not in the type checker and, by `instanceof`, not at run
 * time. The bytes are overwritten when the owner disposes of them.
 */

abstract class SecretBytes implements Disposable {
  #bytes: Uint8Array | null;

  /** Takes ownership of `bytes`: they are overwritten by `Symbol.dispose`. */
  constructor(bytes: Uint8Array) {
    // A plain view: the `slice` of a Node Buffer shares memory instead of copying it, and
    // wiping such a "copy" would wipe the secret itself.
    this.#bytes = new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length);
  }

  /** The bytes themselves, not a copy. Throws `TypeError` once disposed of. */
  get bytes(): Uint8Array {
    if (this.#bytes === null) throw new TypeError('a secret was used after it was wiped');
    return this.#bytes;
  }

  /** Overwrites the bytes. Harmless when repeated. */
  [Symbol.dispose](): void {
    this.#bytes?.fill(0);
    this.#bytes = null;
  }

  /** Never the content: a secret that ends up in a text or in JSON says only its role. */
  toString(): string {
    return `[${this.constructor.name}]`;
  }

  toJSON(): string {
    return this.toString();
  }
}

/** The largest blob that a client looks at, in bytes (N6). */
export const LARGEST_BLOB = 1_048_576;

/** What the server keeps for a client: an OpenPGP message that only the client can open. */
export class Blob extends SecretBytes {
  readonly #role = 'blob';
  static is(value: unknown): value is Blob {
    return typeof value === 'object' && value !== null && #role in value;
  }
}

/** What unlocks the disk. */
export class Password extends SecretBytes {
  readonly #role = 'password';
  static is(value: unknown): value is Password {
    return typeof value === 'object' && value !== null && #role in value;
  }
}

/** The private key that identifies a client in TLS, as the text of a PEM file. */
export class TlsPrivateKey extends SecretBytes {
  readonly #role = 'tls-private-key';
  static is(value: unknown): value is TlsPrivateKey {
    return typeof value === 'object' && value !== null && #role in value;
  }
}

/** The private key that opens blobs, as the text or bytes of an OpenPGP key file. */
export class OpenPgpSecretKey extends SecretBytes {
  readonly #role = 'openpgp-secret-key';
  static is(value: unknown): value is OpenPgpSecretKey {
    return typeof value === 'object' && value !== null && #role in value;
  }
}
