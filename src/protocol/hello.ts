import { asciiBytes } from '../core/bytes.ts';

/** A hello line may have this many bytes, its line end among them (N1). */
export const helloLimit = 1024;

/**
 * Why a peer's first line is no hello:
 * `too-long` (no line end within `helloLimit` bytes), `no-version` (an empty line),
 * `not-a-number` (the first word is none) and `unsupported-version` (above 1).
 */
export type HelloProblem = 'too-long' | 'no-version' | 'not-a-number' | 'unsupported-version';

export type HelloStep =
  /** The line has not ended yet; push what comes next. */
  | { readonly kind: 'more' }
  /** The line was good. `rest` is a copy of what came behind it: the peer's TLS bytes. */
  | { readonly kind: 'hello'; readonly version: 1; readonly rest: Uint8Array }
  | { readonly kind: 'bad'; readonly problem: HelloProblem };

type Word =
  | { readonly kind: 'before' }
  | { readonly kind: 'sign'; readonly negative: boolean }
  /** `size` is the number without its sign, 2 standing for everything above 1. */
  | { readonly kind: 'digits'; readonly negative: boolean; readonly size: number }
  | { readonly kind: 'after' };

type State =
  | { readonly kind: 'reading'; readonly length: number; readonly word: Word }
  | { readonly kind: 'ended' };

const LINE_FEED = 0x0a;
const PLUS = 0x2b;
const MINUS = 0x2d;
const ZERO = 0x30;
const NINE = 0x39;

/**
 * Reads the first line of a Mandos client, however it is cut into pieces, and keeps none
 * of it: a byte is judged when it comes, so a peer that speaks something else (HTTP, TLS
 * at once) is known for it at its first wrong byte, and costs no memory.
 *
 * mandos(8): "the first whitespace-separated field is the protocol version". Measured on
 * the original, which is followed here: white space may come before the number, anything
 * may follow it on the line; a sign and leading zeros are fine; every version up to 1 is
 * served as version 1, so 0 and -1 are; 1.0, 1e0 and 0x1 are no numbers. A bare line feed
 * ends the line too.
 *
 * Stricter than the original, which no client notices: digits are 0 to 9 (not those of
 * other scripts, nor `0_1`), white space is that of ASCII, and the line has a limit.
 */
export class HelloReader {
  #state: State = { kind: 'reading', length: 0, word: { kind: 'before' } };

  /** Takes the next bytes. Throws `RangeError` once the line was judged. */
  push(bytes: Uint8Array): HelloStep {
    if (this.#state.kind === 'ended') throw new RangeError('the hello line was already read');
    let { length, word } = this.#state;
    for (const [index, byte] of bytes.entries()) {
      const next = nextWord(word, byte);
      if (typeof next === 'string') return this.#end({ kind: 'bad', problem: next });
      word = next;
      if (byte === LINE_FEED) {
        return this.#end(
          word.kind === 'after'
            ? { kind: 'hello', version: 1, rest: bytes.slice(index + 1) }
            : { kind: 'bad', problem: 'no-version' },
        );
      }
      length += 1;
      if (length === helloLimit) return this.#end({ kind: 'bad', problem: 'too-long' });
    }
    this.#state = { kind: 'reading', length, word };
    return { kind: 'more' };
  }

  #end(step: HelloStep): HelloStep {
    this.#state = { kind: 'ended' };
    return step;
  }
}

/** The line a Mandos client begins with. */
export function encodeHello(): Uint8Array {
  return asciiBytes('1\r\n');
}

function nextWord(word: Word, byte: number): Word | HelloProblem {
  switch (word.kind) {
    case 'before':
      if (isSpace(byte)) return word;
      if (byte === PLUS || byte === MINUS) return { kind: 'sign', negative: byte === MINUS };
      return withDigit(false, 0, byte);
    case 'sign':
      return withDigit(word.negative, 0, byte);
    case 'digits':
      if (!isSpace(byte)) return withDigit(word.negative, word.size, byte);
      return word.size > 1 && !word.negative ? 'unsupported-version' : { kind: 'after' };
    case 'after':
      return word;
    default:
      return word satisfies never;
  }
}

function withDigit(negative: boolean, size: number, byte: number): Word | HelloProblem {
  if (byte < ZERO || byte > NINE) return 'not-a-number';
  return { kind: 'digits', negative, size: Math.min(2, size * 10 + byte - ZERO) };
}

/** Tab, line feed, vertical tab, form feed, carriage return, space. */
function isSpace(byte: number): boolean {
  return byte === 0x20 || (byte >= 0x09 && byte <= 0x0d);
}
