import { RunningProgram } from './process.ts';
import { inRepository } from './repository.ts';

const PROGRAM = inRepository('test/support/datagram-listener.py');

/** A datagram socket as a service manager or a syslog daemon has it, which keeps what comes. */
export class DatagramListener implements AsyncDisposable {
  readonly #program: RunningProgram;

  private constructor(program: RunningProgram) {
    this.#program = program;
  }

  /** @param name a path, or `@` and a name in the abstract namespace */
  static async start(name: string): Promise<DatagramListener> {
    const program = RunningProgram.start('/usr/bin/python3', [PROGRAM, name]);
    await program.waitForLine(/^listening$/);
    return new DatagramListener(program);
  }

  /** In the order in which they came. */
  get datagrams(): readonly string[] {
    const lines = this.#program.stdout.toString('utf8').split('\n');
    return lines.filter((line) => line.startsWith('"')).map((line) => JSON.parse(line));
  }

  /** Waits until at least `count` datagrams match, and returns those there are. */
  async waitFor(pattern: RegExp, count = 1): Promise<readonly string[]> {
    return await this.#program.waitForOutput(() => {
      const matching = this.datagrams.filter((datagram) => pattern.test(datagram));
      return matching.length >= count ? matching : undefined;
    }, `${count} of ${pattern}`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#program[Symbol.asyncDispose]();
  }
}
