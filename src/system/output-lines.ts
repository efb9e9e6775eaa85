import { Socket } from 'node:net';
import type { Descriptor } from '../native/libc.ts';

/** Takes a line that a program wrote, without its end; bytes as characters U+0000 to U+00FF. */
export type TellLine = (line: string) => void;

const MOST_LINES = 50;
const LONGEST_LINE = 500;
const MOST_CHARACTERS = MOST_LINES * LONGEST_LINE;
/** Once there is nothing more to tell, a flood is let through at no more than 6 MB a second. */
const PAUSE_MILLISECONDS = 10;

/**
 * Reads the pipe to its end and closes it. However much comes, memory and time stay bounded:
 * a number of lines of a bounded length are told, the rest is thrown away, slowly. The pipe
 * is never shut early, as that would end a program that only talks much.
 */
export function readOutput(readEnd: Descriptor, tell: TellLine, onClose?: () => void): void {
  const lines = new BoundedLines(tell);
  const socket = new Socket({ fd: readEnd, readable: true, writable: false });
  // Whether it is still read does not keep the program running.
  socket.unref();
  socket.on('data', (chunk: Buffer) => {
    if (lines.full) {
      socket.pause();
      setTimeout(() => socket.resume(), PAUSE_MILLISECONDS).unref();
    } else lines.take(chunk.toString('latin1'));
  });
  socket.on('error', () => undefined);
  socket.once('close', () => {
    lines.end();
    onClose?.();
  });
}

/** Cuts a stream of text into lines, up to a number of lines of a certain length. */
class BoundedLines {
  readonly #tell: TellLine;
  #told = 0;
  #taken = 0;
  #toldAll = false;
  /** The beginning of the line being read. */
  #line = '';

  constructor(tell: TellLine) {
    this.#tell = tell;
  }

  get full(): boolean {
    return this.#told >= MOST_LINES || this.#taken >= MOST_CHARACTERS;
  }

  take(text: string): void {
    const pieces = text.slice(0, MOST_CHARACTERS - this.#taken).split('\n');
    this.#taken += text.length;
    for (const [index, piece] of pieces.entries()) {
      if (index > 0) this.#tellLine();
      this.#line = (this.#line + piece).slice(0, LONGEST_LINE + 1);
    }
    if (this.full) this.end();
  }

  /** Tells what is left of the last line, and once that there was more. */
  end(): void {
    if (this.#line !== '') this.#tellLine();
    if (this.full && !this.#toldAll) this.#tell('… (the rest is left out)');
    this.#toldAll = true;
  }

  #tellLine(): void {
    const line = this.#line;
    this.#line = '';
    this.#told += 1;
    if (this.#told > MOST_LINES) return;
    this.#tell(line.length > LONGEST_LINE ? `${line.slice(0, LONGEST_LINE)}…` : line);
  }
}
