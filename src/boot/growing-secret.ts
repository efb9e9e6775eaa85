import { Password } from '../core/secret.ts';
import { wipeableBytes } from '../core/wipeable-bytes.ts';

/** As much as a blob may hold (N6); no socket takes more. */
const LARGEST = 1_048_576;

/** A password that comes in pieces; whatever it leaves behind while it grows is wiped (S4). */
export class GrowingSecret {
  #bytes = wipeableBytes(4096);
  #length = 0;
  #tooMuch = false;

  add(piece: Uint8Array): void {
    if (this.#tooMuch) return;
    const length = this.#length + piece.length;
    if (length > LARGEST) {
      this.#tooMuch = true;
      this.#bytes.fill(0);
      return;
    }
    if (length > this.#bytes.length) this.#become(Math.max(length, 2 * this.#bytes.length));
    this.#bytes.set(piece, this.#length);
    this.#length = length;
  }

  /** All of it, the receiver's to wipe, once; null when it was too much. */
  take(): Password | null {
    if (this.#tooMuch) return null;
    this.#become(this.#length);
    const password = new Password(this.#bytes);
    this.#bytes = wipeableBytes(0);
    this.#length = 0;
    return password;
  }

  #become(size: number): void {
    const bytes = wipeableBytes(size);
    bytes.set(this.#bytes.subarray(0, this.#length));
    this.#bytes.fill(0);
    this.#bytes = bytes;
  }
}
