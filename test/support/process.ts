import { type ChildProcess, spawn } from 'node:child_process';
import process from 'node:process';

export interface ProgramOptions {
  /** Added to a small, fixed environment; undefined takes a variable away. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly cwd?: string;
  /** Everything the program reads from standard input; nothing unless told. */
  readonly input?: string | Uint8Array;
  /** Leaves standard input open, for `writeInput`. */
  readonly keepInputOpen?: boolean;
  readonly uid?: number;
  readonly gid?: number;
}

export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

export interface Outcome extends Exit {
  readonly stdout: Buffer;
  readonly stderr: string;
}

const running = new Set<number>();

function killGroup(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-pid, signal);
  } catch {
    // It has ended.
  }
}

process.on('exit', () => {
  for (const pid of running) killGroup(pid, 'SIGKILL');
});
// The test runner stops a file that takes too long with TERM; `exit` above must still run.
for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => process.exit(1));

/**
 * A program that a test has started, in a process group of its own. Letting go of it stops
 * the whole group (TERM, then KILL), so that nothing is left behind:
 * `await using server = RunningProgram.start('bin/mandos', [...])`.
 */
export class RunningProgram implements AsyncDisposable {
  readonly exit: Promise<Exit>;
  readonly #child: ChildProcess;
  readonly #stdout: Buffer[] = [];
  readonly #stderr: Buffer[] = [];
  readonly #watchers = new Set<() => void>();
  readonly #name: string;
  #exited = false;

  private constructor(child: ChildProcess, name: string) {
    this.#child = child;
    this.#name = name;
    const { pid } = child;
    if (pid !== undefined) running.add(pid);
    child.stdout?.on('data', (data: Buffer) => this.#collect(this.#stdout, data));
    child.stderr?.on('data', (data: Buffer) => this.#collect(this.#stderr, data));
    this.exit = new Promise((resolve, reject) => {
      child.once('error', reject);
      child.once('exit', () => this.#forgetEmptyGroup());
      child.once('close', (code, signal) => {
        this.#exited = true;
        for (const watcher of this.#watchers) watcher();
        resolve({ code, signal });
      });
    });
    // Whoever waits for the exit sees the failure; nobody has to.
    this.exit.catch(() => undefined);
  }

  static start(command: string, args: readonly string[], options: ProgramOptions = {}) {
    const child = spawn(command, args, {
      env: environment(options.env),
      detached: true,
      stdio: [
        options.input === undefined && !options.keepInputOpen ? 'ignore' : 'pipe',
        'pipe',
        'pipe',
      ],
      ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
      ...(options.uid === undefined ? {} : { uid: options.uid }),
      ...(options.gid === undefined ? {} : { gid: options.gid }),
    });
    // A program that does not read all its input is no failure of the test.
    child.stdin?.on('error', () => undefined);
    if (options.input !== undefined) child.stdin?.write(options.input);
    if (!options.keepInputOpen) child.stdin?.end();
    return new RunningProgram(child, command);
  }

  get pid(): number {
    const { pid } = this.#child;
    if (pid === undefined) throw new Error(`${this.#name} could not be started`);
    return pid;
  }

  /** What it has written to standard output so far. */
  get stdout(): Buffer {
    return Buffer.concat(this.#stdout);
  }

  /** What it has written to standard error so far. */
  get stderr(): string {
    return Buffer.concat(this.#stderr).toString('utf8');
  }

  writeInput(data: string | Uint8Array): void {
    this.#child.stdin?.write(data);
  }

  endInput(): void {
    this.#child.stdin?.end();
  }

  /** Signals the program itself, not its group. */
  kill(signal: NodeJS.Signals = 'SIGTERM'): void {
    this.#child.kill(signal);
  }

  /**
   * Waits until a line of standard output or error matches, and returns the match. Fails
   * when the program ends first, or after `timeout` milliseconds.
   */
  async waitForLine(pattern: RegExp, timeout = 60_000): Promise<RegExpExecArray> {
    return await this.waitForOutput(() => this.#findLine(pattern), String(pattern), timeout);
  }

  /**
   * As `waitForLine`, for anything that can be seen in its output.
   * @param find looks whether it is there; called whenever there is more
   */
  async waitForOutput<T>(find: () => T | undefined, what: string, timeout = 60_000): Promise<T> {
    const { promise, resolve, reject } = Promise.withResolvers<T>();
    const fail = (why: string): void =>
      reject(new Error(`${this.#name} ${why} before it wrote ${what}; it wrote:\n${this.#text()}`));
    const look = (): void => {
      const found = find();
      if (found !== undefined) resolve(found);
      else if (this.#exited) fail('ended');
    };
    this.#watchers.add(look);
    const timer = setTimeout(() => fail('took too long'), timeout);
    this.exit.catch(reject);
    look();
    try {
      return await promise;
    } finally {
      clearTimeout(timer);
      this.#watchers.delete(look);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const { pid } = this.#child;
    if (pid === undefined) return;
    const group = this.exit.catch(() => undefined);
    if (!this.#exited) {
      const signalGroup = (signal: NodeJS.Signals): void => {
        if (running.has(pid)) killGroup(pid, signal);
      };
      signalGroup('SIGTERM');
      const timer = setTimeout(() => signalGroup('SIGKILL'), 3000);
      await group;
      clearTimeout(timer);
    }
    if (running.delete(pid)) killGroup(pid, 'SIGKILL');
  }

  /** The number of a group without processes is soon another's, who must not be killed. */
  #forgetEmptyGroup(): void {
    const { pid } = this.#child;
    if (pid === undefined) return;
    try {
      process.kill(-pid, 0);
    } catch {
      running.delete(pid);
    }
  }

  #collect(into: Buffer[], data: Buffer): void {
    into.push(data);
    for (const watcher of this.#watchers) watcher();
  }

  #findLine(pattern: RegExp): RegExpExecArray | undefined {
    for (const line of this.#text().split('\n')) {
      const match = pattern.exec(line);
      if (match !== null) return match;
    }
    return undefined;
  }

  #text(): string {
    return `${this.stdout.toString('latin1')}\n${this.stderr}`;
  }
}

/**
 * Runs a program to its end. Fails only when it cannot be started or takes longer than
 * `timeout` milliseconds; its exit status is the caller's to judge.
 */
export async function run(
  command: string,
  args: readonly string[],
  options: ProgramOptions & { readonly timeout?: number } = {},
): Promise<Outcome> {
  await using program = RunningProgram.start(command, args, options);
  const { promise: late, reject } = Promise.withResolvers<never>();
  const timeout = options.timeout ?? 60_000;
  const timer = setTimeout(
    () => reject(new Error(`${command} took longer than ${timeout} ms:\n${program.stderr}`)),
    timeout,
  );
  try {
    const exit = await Promise.race([program.exit, late]);
    return { ...exit, stdout: program.stdout, stderr: program.stderr };
  } finally {
    clearTimeout(timer);
  }
}

/** As `run`, and fails unless the exit status is 0. Returns standard output. */
export async function succeed(
  command: string,
  args: readonly string[],
  options: ProgramOptions & { readonly timeout?: number } = {},
): Promise<Buffer> {
  const outcome = await run(command, args, options);
  if (outcome.code === 0) return outcome.stdout;
  throw new Error(
    `${command} ended with ${outcome.code ?? outcome.signal}:\n${outcome.stderr}${outcome.stdout}`,
  );
}

/** The same for everybody who runs the tests, whatever their shell is set up to. */
function environment(more: ProgramOptions['env'] = {}): NodeJS.ProcessEnv {
  const { TMPDIR, MANDOS_TEST_RUN, HOME } = process.env;
  const fixed = { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', LC_ALL: 'C.UTF-8', TZ: 'UTC' };
  return { ...fixed, HOME, TMPDIR, MANDOS_TEST_RUN, ...more };
}
