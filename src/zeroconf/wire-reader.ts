import { type Label, LONGEST_LABEL, LONGEST_NAME, type Name } from './name.ts';

/** Thrown inside the parser only; `parseMessage` turns it into a problem. */
export class Malformed extends Error {
  override readonly name = 'Malformed';
}

const HEADER_LENGTH = 12;
const POINTER = 0xc0;

/** Reads the fields of a DNS message one after another (RFC 1035, section 4.1). */
export class WireReader {
  readonly #bytes: Uint8Array;
  #position = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  get position(): number {
    return this.#position;
  }

  byte(): number {
    const byte = this.#bytes[this.#position++];
    if (byte === undefined) throw new Malformed('the message is cut short');
    return byte;
  }

  uint16(): number {
    return this.byte() * 0x100 + this.byte();
  }

  uint32(): number {
    return this.uint16() * 0x10000 + this.uint16();
  }

  /** A copy of the next `length` bytes. */
  take(length: number): Uint8Array {
    const end = this.#position + length;
    if (end > this.#bytes.length) throw new Malformed('the message is cut short');
    const taken = this.#bytes.slice(this.#position, end);
    this.#position = end;
    return taken;
  }

  /**
   * A name. A compression pointer must point before everything of this name that has been
   * read so far, so it ends; with the limit of 255 bytes, soon.
   */
  name(): Name {
    const labels: Label[] = [];
    let length = 1;
    let start = this.#position;
    let afterPointer: number | null = null;
    for (;;) {
      const byte = this.byte();
      if (byte === 0) break;
      if (byte <= LONGEST_LABEL) {
        length += 1 + byte;
        if (length > LONGEST_NAME) throw new Malformed('a name is too long');
        labels.push(this.#label(byte));
      } else if (byte >= POINTER) {
        const target = (byte - POINTER) * 0x100 + this.byte();
        if (target >= start || target < HEADER_LENGTH)
          throw new Malformed('a name has a bad pointer');
        afterPointer ??= this.#position;
        start = target;
        this.#position = target;
      } else {
        throw new Malformed('a name has a label of an unknown kind');
      }
    }
    if (afterPointer !== null) this.#position = afterPointer;
    return labels;
  }

  #label(length: number): Label {
    const end = this.#position + length;
    if (end > this.#bytes.length) throw new Malformed('the message is cut short');
    const label = String.fromCharCode(...this.#bytes.subarray(this.#position, end));
    this.#position = end;
    return label;
  }
}
