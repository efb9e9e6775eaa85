import { RunningProgram } from './process.ts';
import { inRepository } from './repository.ts';

type Lines = Readonly<Record<string, string | number | null>>;

/** A program that asks for a password through a question file, and shows what it is given. */
export class PasswordAsker implements AsyncDisposable {
  readonly #program: RunningProgram;

  private constructor(program: RunningProgram) {
    this.#program = program;
  }

  /**
   * Asks, and is back once the question is there.
   * @param lines more lines of the question; null leaves one out
   */
  static async ask(directory: string, name: string, lines: Lines = {}): Promise<PasswordAsker> {
    const script = inRepository('test/support/password-asker.py');
    const program = RunningProgram.start(
      '/usr/bin/python3',
      ['-B', script, directory, name, JSON.stringify(lines)],
      { keepInputOpen: true },
    );
    await program.waitForLine(/^asked$/);
    return new PasswordAsker(program);
  }

  /** Waits for the first answer; bytes as characters U+0000 to U+00FF. */
  async answer(): Promise<string> {
    const [, hex = ''] = await this.#program.waitForLine(/^got ([0-9a-f]*) whole$/);
    return Buffer.from(hex, 'hex').toString('latin1');
  }

  /** How many answers came so far. */
  get answers(): number {
    return this.#program.stdout.toString().split('got ').length - 1;
  }

  /** Dies, and leaves its question lying. */
  async die(): Promise<void> {
    this.#program.kill('SIGKILL');
    await this.#program.exit;
  }

  /** Takes the question away. */
  async takeAway(): Promise<void> {
    this.#program.endInput();
    await this.#program.exit;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#program[Symbol.asyncDispose]();
  }
}
