import { MandosError } from '../core/error.ts';
import { after, type Clock, type Duration, milliseconds } from '../core/time.ts';
import { closeDescriptor, SystemCallError } from '../native/libc.ts';
import { type ChildEnd, pipe } from '../native/libc-processes.ts';
import { spawnSession } from '../native/libc-spawn.ts';
import { errnoName } from './errno.ts';
import { readOutput, type TellLine } from './output-lines.ts';
import type { Subreaper } from './subreaper.ts';

export type { ChildEnd };

export interface CommandOptions {
  /** All that the command finds in its environment. */
  readonly environment: Readonly<Record<string, string>>;
  /** Gets the first lines of what it writes. Left out: written to /dev/null. */
  readonly output?: TellLine;
  /** Called when nothing more can come. */
  readonly outputEnd?: () => void;
  /** From TERM to KILL. */
  readonly grace?: Duration;
}

const GRACE = milliseconds(2000);

type State =
  | { readonly kind: 'running'; readonly pid: number }
  | { readonly kind: 'stopping'; readonly pid: number; readonly callOff: () => void }
  | { readonly kind: 'ended' };

/**
 * A shell command in a session and process group of its own, with nothing of ours: no
 * descriptor, no environment but the one given, "/" as its folder (L5). When the shell has
 * ended, the sub-reaper kills whatever it started (C1).
 */
export class ProcessGroup {
  /** The end of the shell itself; never rejects. */
  readonly ended: Promise<ChildEnd>;
  #state: State;
  readonly #clock: Clock;
  readonly #grace: Duration;

  /** Starts it. Throws `MandosError` `program` when that cannot be done. */
  constructor(command: string, subreaper: Subreaper, clock: Clock, options: CommandOptions) {
    this.#clock = clock;
    this.#grace = options.grace ?? GRACE;
    const { promise, resolve } = Promise.withResolvers<ChildEnd>();
    this.ended = promise;
    const onEnd = (end: ChildEnd): void => {
      if (this.#state.kind === 'stopping') this.#state.callOff();
      this.#state = { kind: 'ended' };
      resolve(end);
    };
    try {
      const pid = subreaper.start(() => startShell(command, options), onEnd);
      this.#state = { kind: 'running', pid };
    } catch (cause) {
      throw new MandosError('program', `cannot start a command: ${problemOf(cause)}`, { cause });
    }
  }

  /** Asks the whole group to end, and kills it when it has not after a while. */
  stop(): void {
    if (this.#state.kind !== 'running') return;
    const { pid } = this.#state;
    const kill = (): void => signalGroup(pid, 'SIGKILL');
    const callOff = this.#clock.at(after(this.#clock.now(), this.#grace), kill);
    this.#state = { kind: 'stopping', pid, callOff };
    signalGroup(pid, 'SIGTERM');
    // A stopped process acts on TERM only when it goes on.
    signalGroup(pid, 'SIGCONT');
  }
}

function startShell(command: string, options: CommandOptions): number {
  const args = ['/bin/sh', '-c', command];
  const environment = Object.entries(options.environment).map(
    ([name, value]) => `${name}=${value}`,
  );
  if (options.output === undefined) return spawnSession('/bin/sh', args, environment, null);
  const { readEnd, writeEnd } = pipe();
  let reading = false;
  try {
    const pid = spawnSession('/bin/sh', args, environment, writeEnd);
    reading = true;
    readOutput(readEnd, options.output, options.outputEnd);
    return pid;
  } finally {
    closeDescriptor(writeEnd);
    if (!reading) closeDescriptor(readEnd);
  }
}

function problemOf(error: unknown): string {
  if (error instanceof SystemCallError) return `${error.call}: ${errnoName(error.errno)}`;
  return error instanceof Error ? error.message : 'unknown';
}

/** The group's leader has not been reaped yet, so its number cannot be another group's. */
function signalGroup(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-pid, signal);
  } catch {
    // All of it has become another user's, or is ending this very moment.
  }
}
