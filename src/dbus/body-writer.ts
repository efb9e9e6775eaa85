/**
 * The bytes of a message's body, written straight away. For bodies with hundreds of thousands
 * of values: made as values first, they would stop the server for a second.
 */

/** A body that is bytes already. */
export class EncodedBody {
  readonly bytes: Uint8Array;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
  }
}

/** Writes values one after the other, little-endian (D-Bus specification, "Marshaling"). */
export class BodyWriter {
  #bytes = Buffer.alloc(4096);
  #length = 0;

  /** What has been written; valid until more is written. */
  get written(): Uint8Array {
    return this.#bytes.subarray(0, this.#length);
  }

  clear(): void {
    this.#length = 0;
  }

  /** A value of one of the types that properties have. Throws `TypeError` for another type. */
  value(type: string, value: unknown): void {
    switch (type) {
      case 's':
      case 'o':
        this.text(String(value));
        return;
      case 'b':
        this.#uint32(value === true ? 1 : 0);
        return;
      case 'n':
        this.#align(2);
        this.#room(2);
        this.#length = this.#bytes.writeInt16LE(Number(value), this.#length);
        return;
      case 't':
        this.#align(8);
        this.#room(8);
        this.#length = this.#bytes.writeBigUInt64LE(
          typeof value === 'bigint' ? value : BigInt(Number(value)),
          this.#length,
        );
        return;
      default:
        throw new TypeError(`cannot write a value of type ${type}`);
    }
  }

  variant(type: string, value: unknown): void {
    this.#room(type.length + 2);
    this.#bytes[this.#length++] = type.length;
    this.#length += this.#bytes.write(type, this.#length, 'latin1');
    this.#bytes[this.#length++] = 0;
    this.value(type, value);
  }

  /** Type `s` or `o`. */
  text(text: string): void {
    this.#align(4);
    // No character of UTF-16 takes more than three bytes of UTF-8.
    this.#room(4 + 3 * text.length + 1);
    const start = this.#length + 4;
    const size = this.#bytes.write(text, start, 'utf8');
    this.#bytes.writeUInt32LE(size, start - 4);
    this.#bytes[start + size] = 0;
    this.#length = start + size + 1;
  }

  /** An array of dict entries; each has to begin with `entry`. */
  dict(fill: () => void): void {
    this.#uint32(0);
    const lengthAt = this.#length - 4;
    this.#align(8);
    const start = this.#length;
    fill();
    this.#bytes.writeUInt32LE(this.#length - start, lengthAt);
  }

  entry(): void {
    this.#align(8);
  }

  /** What another writer wrote from a multiple of eight bytes on, at one. */
  copy(bytes: Uint8Array): void {
    this.#align(8);
    this.#room(bytes.length);
    this.#bytes.set(bytes, this.#length);
    this.#length += bytes.length;
  }

  #uint32(value: number): void {
    this.#align(4);
    this.#room(4);
    this.#length = this.#bytes.writeUInt32LE(value, this.#length);
  }

  #align(to: number): void {
    const aligned = Math.ceil(this.#length / to) * to;
    this.#room(aligned - this.#length);
    this.#bytes.fill(0, this.#length, aligned);
    this.#length = aligned;
  }

  #room(more: number): void {
    if (this.#length + more <= this.#bytes.length) return;
    const larger = Buffer.alloc(Math.max(2 * this.#bytes.length, this.#length + more));
    larger.set(this.written);
    this.#bytes = larger;
  }
}
