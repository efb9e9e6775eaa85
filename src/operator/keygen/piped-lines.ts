import type { Cancellation } from '../../core/cancellation.ts';
import { ExitStatus, MandosError } from '../../core/error.ts';
import { readPiece } from '../../system/secret-input.ts';
import type { PasswordLines } from './ask-password.ts';

const LONGEST_LINE = 64 * 1024;
const LINE_FEED = 0x0a;

/**
 * Lines from a pipe or a file, without prompts: nobody is there to read them. Bytes go
 * through one buffer, which is overwritten on disposal (S4).
 */
export class PipedLines implements PasswordLines, Disposable {
  readonly #descriptor: number;
  readonly #signal: Cancellation;
  readonly #tell: (line: string) => void;
  readonly #buffer = new Uint8Array(LONGEST_LINE);
  #length = 0;
  #ended = false;

  constructor(descriptor: number, signal: Cancellation, tell: (line: string) => void) {
    this.#descriptor = descriptor;
    this.#signal = signal;
    this.#tell = tell;
  }

  tell(line: string): void {
    this.#tell(line);
  }

  async readLine(): Promise<Uint8Array<ArrayBuffer>> {
    for (;;) {
      const end = this.#buffer.subarray(0, this.#length).indexOf(LINE_FEED);
      if (end !== -1) return this.#take(end, end + 1);
      if (this.#ended) break;
      if (this.#length === LONGEST_LINE) throw failure('standard input has too long a line');
      await this.#fill();
    }
    if (this.#length === 0) {
      throw failure('standard input ended before the password was there twice');
    }
    return this.#take(this.#length, this.#length);
  }

  #take(end: number, next: number): Uint8Array<ArrayBuffer> {
    const line = this.#buffer.slice(0, end);
    this.#buffer.copyWithin(0, next, this.#length);
    this.#buffer.fill(0, this.#length - next, this.#length);
    this.#length -= next;
    return line;
  }

  async #fill(): Promise<void> {
    const rest = this.#buffer.subarray(this.#length);
    const count = await readPiece(this.#descriptor, rest, 'standard input', this.#signal);
    this.#length += count;
    this.#ended = count === 0;
  }

  [Symbol.dispose](): void {
    this.#buffer.fill(0);
  }
}

function failure(message: string): MandosError {
  return new MandosError('usage', message, {
    exitCode: ExitStatus.noInput,
    hint: 'without a terminal the password is read from standard input, once and once again, a line each',
  });
}
