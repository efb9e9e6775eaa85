import type { Cancellation } from '../../core/cancellation.ts';
import type { Log } from '../../core/log.ts';
import type { Clock } from '../../core/time.ts';
import type { Fifos } from '../fifos.ts';

/** A program of root's that shows a splash screen. */
export interface Daemon {
  readonly pid: number;
  /** In the clock ticks of proc(5): together with `pid` it names no other process. */
  readonly startTime: string;
  /** The path of its program. */
  readonly program: string;
  /** Without the program's name. */
  readonly args: readonly string[];
}

/** What the plugins for splash screens need of a machine; `splash-machine-node.ts` is Node's. */
export interface SplashMachine {
  readonly clock: Clock;
  readonly log: Log;
  /** Aborted when a signal asks the plugin to end. */
  readonly stop: Cancellation;
  readonly fifos: Fifos;

  /** The first of these paths where there is a program; null when there is none. */
  program(paths: readonly string[]): string | null;

  /** A process of root's that runs one of these programs. */
  find(programs: readonly string[]): Daemon | null;
  isAlive(daemon: Daemon): boolean;
  /** Does nothing when that very process has ended. */
  signal(daemon: Daemon, signal: 'TERM' | 'KILL'): void;

  /**
   * Runs a command that writes to our standard output, to its end.
   * @returns its exit status; null when a signal ended it or it could not be started
   * @throws `cancel.reason` when that is aborted, after the command has been asked to end and
   *   has ended
   */
  run(command: readonly string[], cancel: Cancellation): Promise<number | null>;

  /**
   * Starts a program as root in a session of its own, so that it outlives this plugin.
   * Resolves when the process that was started ends, as that of a daemon soon does.
   */
  launch(program: string, args: readonly string[]): Promise<void>;

  /** Writes all of it to standard output. Throws `MandosError` `file-unwritable`. */
  writeOutput(bytes: Uint8Array): Promise<void>;
}
