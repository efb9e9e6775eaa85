/** Lines to standard output as they come, for a reader who may be slow or gone. */
import { ExitStatus, MandosError } from '../core/error.ts';
import { writeOutput } from './write-all.ts';

/** What is kept for a reader that reads nothing. */
const MOST_WAITING = 64 * 1024 * 1024;

export class LineWriter {
  readonly #failed = Promise.withResolvers<never>();
  readonly #output: (text: string) => Promise<void>;
  #waiting = '';
  #writing: Promise<void> | null = null;

  /** @param output takes what there is to write; standard output unless told */
  constructor(output: (text: string) => Promise<void> = writeOutput) {
    this.#output = output;
    this.#failed.promise.catch(() => undefined);
  }

  /** Rejects with `MandosError` `file-unwritable` when nothing can be written any more. */
  get failed(): Promise<never> {
    return this.#failed.promise;
  }

  /** Resolves when all is written, or nothing can be any more. */
  get idle(): Promise<void> {
    return this.#writing ?? Promise.resolve();
  }

  write(line: string): void {
    this.#waiting += line;
    if (this.#waiting.length > MOST_WAITING) {
      this.#waiting = '';
      this.#failed.reject(
        new MandosError('file-unwritable', 'whoever reads standard output is too slow', {
          exitCode: ExitStatus.ioError,
        }),
      );
    }
    this.#writing ??= this.#writeAll();
  }

  async #writeAll(): Promise<void> {
    try {
      while (this.#waiting !== '') {
        const lines = this.#waiting;
        this.#waiting = '';
        await this.#output(lines);
      }
    } catch (error) {
      this.#failed.reject(error);
    } finally {
      this.#writing = null;
    }
  }
}
