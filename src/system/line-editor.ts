/** The keys of a line that is typed unseen: what a terminal does when it does not do it. */
import { wipeableBytes } from '../core/wipeable-bytes.ts';

export type Typed =
  /** Enter was pressed; the bytes are the caller's to overwrite. */
  | { readonly kind: 'line'; readonly line: Uint8Array<ArrayBuffer> }
  | { readonly kind: 'unfinished' }
  /** Ctrl-C or Ctrl-\ was pressed. */
  | { readonly kind: 'interrupted' }
  /** Ctrl-D was pressed on an empty line. */
  | { readonly kind: 'ended' };

const CTRL_C = 0x03;
const CTRL_D = 0x04;
const BACKSPACE = 0x08;
const LINE_FEED = 0x0a;
const RETURN = 0x0d;
const CTRL_U = 0x15;
const CTRL_W = 0x17;
const CTRL_BACKSLASH = 0x1c;
const DELETE = 0x7f;

/** Bytes as typed in, lines out. Keeps everything in one buffer that is overwritten (S4). */
export class LineEditor implements Disposable {
  readonly #buffer: Uint8Array;
  #length = 0;
  /** What is behind the line that is being edited was typed ahead. */
  readonly #done: Typed[] = [];

  /** Bytes of a line beyond `longest` are dropped. */
  constructor(longest: number) {
    this.#buffer = new Uint8Array(longest);
  }

  /** Takes keys in; the caller overwrites `keys`. */
  take(keys: Uint8Array): void {
    for (const key of keys) this.#press(key);
  }

  /** The next finished line, in the order typed. */
  next(): Typed {
    return this.#done.shift() ?? { kind: 'unfinished' };
  }

  #press(key: number): void {
    switch (key) {
      case RETURN:
      case LINE_FEED:
        this.#finish();
        break;
      case CTRL_C:
      case CTRL_BACKSLASH:
        // A terminal drops what was typed before as well (termios(3), ISIG).
        this.#erase();
        this.#done.push({ kind: 'interrupted' });
        break;
      case CTRL_D:
        if (this.#length === 0) this.#done.push({ kind: 'ended' });
        else this.#finish();
        break;
      case BACKSPACE:
      case DELETE:
        this.#eraseCharacter();
        break;
      case CTRL_U:
      // A word that nobody sees has no visible border: erase everything.
      case CTRL_W:
        this.#erase();
        break;
      default:
        if (this.#length < this.#buffer.length) this.#buffer[this.#length++] = key;
    }
  }

  #finish(): void {
    const line = wipeableBytes(this.#length);
    line.set(this.#buffer.subarray(0, this.#length));
    this.#done.push({ kind: 'line', line });
    this.#erase();
  }

  /** Erases a whole UTF-8 character: bytes 10xxxxxx continue the one before them. */
  #eraseCharacter(): void {
    while (this.#length > 0) {
      const byte = this.#buffer[--this.#length] ?? 0;
      this.#buffer[this.#length] = 0;
      if ((byte & 0xc0) !== 0x80) return;
    }
  }

  #erase(): void {
    this.#buffer.fill(0);
    this.#length = 0;
  }

  [Symbol.dispose](): void {
    this.#erase();
    for (const typed of this.#done) if (typed.kind === 'line') typed.line.fill(0);
    this.#done.length = 0;
  }
}
