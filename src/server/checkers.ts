import type { CheckerCommand } from '../core/checker-command.ts';
import type { CheckId } from '../core/client.ts';
import type { CheckerEvent } from '../core/client-event.ts';
import { MandosError } from '../core/error.ts';
import type { Log } from '../core/log.ts';
import { after, type Clock, type Instant, milliseconds, seconds } from '../core/time.ts';
import type { ChildEnd } from '../system/process-group.ts';
import { ExpiryQueue } from './expiry-queue.ts';

/** A check that is due. */
export interface CheckRequest {
  readonly client: string;
  readonly check: CheckId;
  /** When the client expires: whose time is up first is checked first. */
  readonly expires: Instant;
  /** The shell command, expanded when its turn has come (`core/checker-command.ts`). */
  readonly expand: () => CheckerCommand;
}

/** A command that has been started. `ended` never rejects. */
export interface RunningCommand {
  readonly ended: Promise<ChildEnd>;
  stop(): void;
}

export interface CheckersOptions {
  readonly clock: Clock;
  readonly log: Log;
  /** Starts a shell command for a client. Throws `MandosError` when it cannot be started. */
  readonly run: (command: string, client: string) => RunningCommand;
  /** What became of a check; nothing more is told of one that was stopped. */
  readonly tell: (client: string, event: CheckerEvent) => void;
  /** How many may be just beginning; one that takes longer mostly waits for its peer. */
  readonly starting?: number;
  /** How many may run altogether. */
  readonly running?: number;
}

const STARTING = 64;
const RUNNING = 1024;
/** How long a check is just beginning. */
const START = milliseconds(250);
/** When no more may run, one that has run longer than this gives way. */
const PATIENCE = seconds(15);

interface Run {
  readonly check: CheckId;
  readonly command: RunningCommand;
  readonly started: Instant;
  /** From then on it is no longer just beginning. */
  readonly callOffStart: () => void;
  readonly state: RunState;
}

type RunState =
  | { readonly kind: 'checking' }
  /** Ended by us because others wait; it counts as a check without an answer. */
  | { readonly kind: 'giving-way' }
  /** Nobody wants its result. What came meanwhile runs when it has ended. */
  | { readonly kind: 'stopping'; readonly next: CheckRequest | null };

/**
 * Runs the clients' checkers: never two for one client, never too many at once, the client
 * that expires first before the others. Decides nothing about clients.
 *
 * Two bounds, because a check that fails takes seconds, in which it waits: if one bound held
 * for all, a few dozen clients that are down could keep the others from being checked in
 * time. And checkers that never end (C1) must give way when there are very many of them.
 */
export class Checkers {
  readonly #options: CheckersOptions;
  readonly #queue = new ExpiryQueue<CheckRequest>();
  /** In the order in which they were started. */
  readonly #runs = new Map<string, Run>();
  readonly #mostStarting: number;
  readonly #mostRunning: number;
  #starting = 0;
  #givingWay = 0;
  #pump: 'idle' | 'scheduled' = 'idle';
  #callOffReview: (() => void) | null = null;
  #closed: { readonly resolve: () => void; readonly promise: Promise<void> } | null = null;

  constructor(options: CheckersOptions) {
    this.#options = options;
    this.#mostStarting = options.starting ?? STARTING;
    this.#mostRunning = options.running ?? RUNNING;
  }

  /**
   * Has the client checked as soon as there is room and any stopped check of it has ended.
   * One that runs for it already is left running; one that waits already is replaced.
   */
  start(request: CheckRequest): void {
    if (this.#closed !== null) return;
    const run = this.#runs.get(request.client);
    if (run === undefined) {
      this.#queue.put(request.client, request.expires, request);
      this.#schedulePump();
    } else if (run.state.kind === 'stopping') {
      this.#setState(request.client, run, { kind: 'stopping', next: request });
    }
  }

  /** Ends the client's check, if there is one, with everything it started. No result comes. */
  stop(client: string): void {
    this.#queue.remove(client);
    const run = this.#runs.get(client);
    if (run === undefined) return;
    if (run.state.kind === 'giving-way') this.#givingWay -= 1;
    if (run.state.kind === 'checking') run.command.stop();
    this.#setState(client, run, { kind: 'stopping', next: null });
  }

  /** Stops all of them for good; resolves when all have ended. */
  async close(): Promise<void> {
    if (this.#closed === null) {
      this.#closed = Promise.withResolvers<void>();
      this.#queue.clear();
      this.#callOffReview?.();
      for (const client of [...this.#runs.keys()]) this.stop(client);
      if (this.#runs.size === 0) this.#closed.resolve();
    }
    await this.#closed.promise;
  }

  #setState(client: string, run: Run, state: RunState): void {
    this.#runs.set(client, { ...run, state });
  }

  /** One start a turn of the event loop: a great many due at once hold nothing else up. */
  #schedulePump(): void {
    if (this.#pump === 'scheduled' || this.#queue.size === 0) return;
    if (this.#runs.size >= this.#mostRunning) {
      this.#makeRoom();
      return;
    }
    if (this.#starting >= this.#mostStarting) return;
    this.#pump = 'scheduled';
    setImmediate(() => {
      this.#pump = 'idle';
      const request = this.#queue.take();
      if (request !== undefined) this.#begin(request);
      this.#schedulePump();
    });
  }

  #begin(request: CheckRequest): void {
    const { clock, log, tell } = this.#options;
    const { client, check } = request;
    const expanded = request.expand();
    let problem: string;
    if (expanded.kind === 'command') {
      const { command } = expanded;
      try {
        log.log('info', `starting checker ${JSON.stringify(command)} for ${client}`);
        const running = this.#options.run(command, client);
        const callOffStart = this.#countBeginning();
        const state: RunState = { kind: 'checking' };
        this.#runs.set(client, {
          check,
          command: running,
          started: clock.now(),
          callOffStart,
          state,
        });
        void running.ended.then((end) => this.#ended(client, end));
        tell(client, { kind: 'checker-started', check, command });
        return;
      } catch (error) {
        if (!(error instanceof MandosError)) throw error;
        problem = error.message;
      }
    } else problem = expanded.problem;
    log.log('error', `checker for ${client} could not be started: ${problem}`);
    tell(client, { kind: 'checker-not-started', check });
  }

  /** Counts a check as just beginning, for a while or until the function returned is called. */
  #countBeginning(): () => void {
    const { clock } = this.#options;
    this.#starting += 1;
    let beginning = true;
    const endBeginning = (): void => {
      if (!beginning) return;
      beginning = false;
      this.#starting -= 1;
      this.#schedulePump();
    };
    const callOff = clock.at(after(clock.now(), START), endBeginning);
    return () => {
      callOff();
      endBeginning();
    };
  }

  #ended(client: string, end: ChildEnd): void {
    const run = this.#runs.get(client);
    if (run === undefined) return;
    const { check, state } = run;
    this.#runs.delete(client);
    run.callOffStart();
    if (state.kind === 'giving-way') this.#givingWay -= 1;
    if (state.kind !== 'stopping') {
      this.#options.tell(client, {
        kind: 'checker-completed',
        check,
        waitStatus: waitStatusOf(end),
      });
    } else if (state.next !== null) this.start(state.next);
    if (this.#runs.size === 0) this.#closed?.resolve();
    this.#schedulePump();
  }

  /** For each that waits, the oldest check gives way, if it has had time enough to succeed. */
  #makeRoom(): void {
    const { clock, log } = this.#options;
    const now = clock.now();
    for (const [client, run] of this.#runs) {
      if (this.#givingWay >= this.#queue.size) return;
      if (run.state.kind !== 'checking') continue;
      const due = after(run.started, PATIENCE);
      if (due > now) {
        this.#reviewAt(due);
        return;
      }
      log.log(
        'warning',
        `checker for ${client} gives way: ${this.#runs.size} are running and others wait`,
      );
      this.#givingWay += 1;
      this.#setState(client, run, { kind: 'giving-way' });
      run.command.stop();
    }
  }

  #reviewAt(moment: Instant): void {
    this.#callOffReview ??= this.#options.clock.at(moment, () => {
      this.#callOffReview = null;
      this.#schedulePump();
    });
  }
}

/** The status as wait(2) gives it. */
function waitStatusOf(end: ChildEnd): number {
  return end.kind === 'exited' ? end.status << 8 : end.signal;
}
