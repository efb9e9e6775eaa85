import { type Cancellation, CancellationSource } from '../core/cancellation.ts';
import { MandosError } from '../core/error.ts';
import type { Log } from '../core/log.ts';
import { after, between, type Clock, type Duration, milliseconds, seconds } from '../core/time.ts';

/** Who may do what with a file or folder. */
export interface FileFacts {
  /** Of the file itself, behind any symbolic link. */
  readonly kind: 'file' | 'folder' | 'other';
  readonly owner: number;
  readonly group: number;
  /** The permission bits of stat(2). */
  readonly mode: number;
  /** Whether it can be executed. */
  readonly executable: boolean;
}

/** The machine's part in running network hooks. */
export interface HookRunner {
  /** The user as whom hooks run: root, unless there is no way to that. */
  readonly user: number;
  /** What is at a path; null when nothing is. */
  facts(path: string): FileFacts | null;
  /** The names in a folder. */
  names(folder: string): readonly string[];
  /**
   * Runs a hook to its end, its standard output going to standard error; resolves with how
   * it ended, in words, or null when it ended well.
   * @param cancel aborted when it is to end at once, with all that it started
   */
  run(
    path: string,
    argument: string,
    environment: Readonly<Record<string, string>>,
    cancel: Cancellation,
  ): Promise<string | null>;
}

export interface HookOptions {
  readonly runner: HookRunner;
  readonly clock: Clock;
  readonly log: Log;
  readonly folder: string;
  /** Variables besides MODE and MANDOSNETHOOKDIR. */
  readonly environment: Readonly<Record<string, string>>;
}

/** A hook may have to wait for a radio network; but not for ever, as somebody waits for it. */
const LONGEST_START: Duration = seconds(60);
/**
 * For all of them together: who told this program to end kills it ten seconds later (GRACE of
 * the plugin race), and what is not taken down by then stays (C4).
 */
const ALL_STOPS: Duration = seconds(8);

/**
 * The network hooks of mandos-client(8mandos): run with `start` before the network is used
 * and with `stop` at the end, in the order of their names, one after the other.
 */
export class NetworkHooks {
  readonly #options: HookOptions;
  readonly #started: string[] = [];

  constructor(options: HookOptions) {
    this.#options = options;
  }

  async start(cancel: Cancellation): Promise<void> {
    for (const name of this.#acceptable()) {
      if (cancel.aborted) return;
      // Before its end: one that was cut short is to be stopped as well.
      this.#started.push(name);
      await this.#run(name, 'start', LONGEST_START, cancel);
    }
  }

  /**
   * Those that were started, whatever came of that. Each may take its share of the time that
   * the ones before it have left.
   */
  async stop(): Promise<void> {
    const { clock } = this.#options;
    const never = new CancellationSource();
    const end = after(clock.now(), ALL_STOPS);
    const names = this.#started.splice(0);
    for (const [at, name] of names.entries()) {
      const share = milliseconds(Math.floor(between(clock.now(), end) / (names.length - at)));
      await this.#run(name, 'stop', share, never);
    }
  }

  #acceptable(): readonly string[] {
    const { runner, folder, log } = this.#options;
    const facts = this.#facts(folder);
    if (facts === null) return [];
    const trouble = facts.kind === 'folder' ? unsafe(facts, runner.user) : 'no folder';
    if (trouble !== null) {
      log.log('error', `not running network hooks from ${folder}: ${trouble}`);
      return [];
    }
    return [...runner.names(folder)].sort().filter((name) => {
      const why = this.#refusal(name);
      if (why === null) return true;
      log.log(why.level, `not running network hook ${JSON.stringify(name)}: ${why.trouble}`);
      return false;
    });
  }

  #refusal(name: string): { readonly level: 'debug' | 'error'; readonly trouble: string } | null {
    if (!/^[A-Za-z0-9_.-]+$/.test(name)) return { level: 'debug', trouble: 'bad name' };
    const { runner, folder } = this.#options;
    const facts = this.#facts(`${folder}/${name}`);
    if (facts?.kind !== 'file') return { level: 'debug', trouble: 'not a file' };
    if (!facts.executable) return { level: 'debug', trouble: 'not executable' };
    const trouble = unsafe(facts, runner.user);
    return trouble === null ? null : { level: 'error', trouble };
  }

  #facts(path: string): FileFacts | null {
    try {
      return this.#options.runner.facts(path);
    } catch (error) {
      if (!(error instanceof MandosError)) throw error;
      this.#options.log.log('debug', error.message);
      return null;
    }
  }

  async #run(
    name: string,
    mode: 'start' | 'stop',
    limit: Duration,
    cancel: Cancellation,
  ): Promise<void> {
    const { runner, folder, clock, log } = this.#options;
    const environment = { ...this.#options.environment, MANDOSNETHOOKDIR: folder, MODE: mode };
    const end = new CancellationSource();
    const cut = (): void => end.abort('the program ends');
    cancel.addEventListener('abort', cut, { once: true });
    const callOff = clock.at(after(clock.now(), limit), () => end.abort('it takes too long'));
    log.log('debug', `running network hook ${name} ${mode}`);
    try {
      const trouble = await runner.run(`${folder}/${name}`, mode, environment, end);
      const why = end.aborted ? String(end.reason) : trouble;
      if (why !== null) log.log('warning', `network hook ${name} ${mode} failed: ${why}`);
    } catch (error) {
      if (!(error instanceof MandosError)) throw error;
      log.log('warning', `network hook ${name} ${mode} failed: ${error.message}`);
    } finally {
      callOff();
      cancel.removeEventListener('abort', cut);
    }
  }
}

const WRITABLE_BY_GROUP = 0o020;
const WRITABLE_BY_OTHERS = 0o002;

/** Why a program that somebody else could change is not to be run (L3); null when none could. */
function unsafe({ owner, group, mode }: FileFacts, user: number): string | null {
  if (owner !== 0 && owner !== user) return 'it belongs to another user';
  if ((mode & WRITABLE_BY_OTHERS) !== 0) return 'it is writable by others';
  if ((mode & WRITABLE_BY_GROUP) !== 0 && group !== 0) return 'it is writable by its group';
  return null;
}
