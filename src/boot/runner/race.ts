import type { Cancellation } from '../../core/cancellation.ts';
import { ExitStatus, MandosError } from '../../core/error.ts';
import type { Log } from '../../core/log.ts';
import type { Password } from '../../core/secret.ts';
import { after, type Clock, type Duration, seconds } from '../../core/time.ts';
import type { Racer, RacerEnd, RacerRun } from './racer.ts';

/** From TERM to KILL: network hooks may need a while to take everything down (C4). */
export const GRACE: Duration = seconds(10);

/** What does not end even when killed (a process stuck in a driver) is left alone then. */
export const LAST_WAIT: Duration = seconds(2);

/** The pauses before a plugin that asks for it is started again; the last one repeats. */
const PAUSES: readonly Duration[] = [1, 2, 4, 8, 10].map(seconds);

/** A plugin that was started in vain so often is not what a person should have to wait for. */
const STRUGGLES = 3;

export interface RaceContext {
  readonly clock: Clock;
  readonly log: Log;
  /** Stops everybody; the race then rejects with its reason. */
  readonly cancel: Cancellation;
  /** Joins in when nobody else gets anywhere. */
  readonly fallback: Racer;
}

export interface Victory {
  readonly winner: string;
  /** The receiver's to wipe. */
  readonly password: Password;
  /** Resolves when the others have ended, which is a matter of seconds at most. */
  readonly othersEnded: Promise<void>;
}

/**
 * Starts all racers at once. The first to end with a password wins, and the others are asked
 * to end. A racer that ends with EX_TEMPFAIL is started again after a pause, and one that gave
 * way when another has ended without a password.
 *
 *     running ── EX_TEMPFAIL ──▶ pausing ──▶ running
 *        ├────── gave way ──▶ aside ── another has failed ──▶ running
 *        └────── anything else ──▶ over
 *
 * @returns null when all racers and the fall-back have ended without a password
 */
export async function race(
  racers: readonly Racer[],
  context: RaceContext,
): Promise<Victory | null> {
  const { cancel } = context;
  if (cancel.aborted) throw cancel.reason;
  const running = new Race(context);
  const abort = (): void => running.callOff(cancel.reason);
  cancel.addEventListener('abort', abort, { once: true });
  try {
    return await running.run(racers);
  } finally {
    cancel.removeEventListener('abort', abort);
  }
}

type EntryState =
  | { readonly kind: 'running'; readonly run: RacerRun }
  | { readonly kind: 'pausing'; readonly callOff: () => void }
  | { readonly kind: 'aside' }
  | { readonly kind: 'over' };

interface Entry {
  readonly racer: Racer;
  state: EntryState;
  /** How often in a row it asked to be started again. */
  struggles: number;
}

class Race {
  readonly #context: RaceContext;
  readonly #entries: Entry[] = [];
  readonly #result = Promise.withResolvers<Victory | null>();
  readonly #allOver = Promise.withResolvers<void>();
  #decided = false;
  #fallbackJoined = false;

  constructor(context: RaceContext) {
    this.#context = context;
  }

  run(racers: readonly Racer[]): Promise<Victory | null> {
    for (const racer of racers) this.#enter(racer);
    this.#review();
    return this.#result.promise;
  }

  callOff(reason: unknown): void {
    if (this.#decided) return;
    void this.#stopAll().then(() => this.#result.reject(reason));
  }

  #enter(racer: Racer): void {
    const entry: Entry = { racer, state: { kind: 'over' }, struggles: 0 };
    this.#entries.push(entry);
    this.#start(entry);
  }

  #start(entry: Entry): void {
    const { log } = this.#context;
    try {
      const run = entry.racer.start();
      entry.state = { kind: 'running', run };
      void run.ended.then((end) => this.#ended(entry, end));
    } catch (error) {
      if (!(error instanceof MandosError)) throw error;
      entry.state = { kind: 'over' };
      log.log('error', `${entry.racer.name}: ${error.message}`);
    }
  }

  #ended(entry: Entry, end: RacerEnd): void {
    const { log } = this.#context;
    entry.state = { kind: 'over' };
    if (this.#decided) {
      // Too late, or stopped: what it has is nobody's.
      if (end.kind === 'password') end.password[Symbol.dispose]();
    } else if (end.kind === 'password') {
      log.log('debug', `${entry.racer.name} gave ${end.password.bytes.length} bytes`);
      const othersEnded = this.#stopAll();
      this.#result.resolve({ winner: entry.racer.name, password: end.password, othersEnded });
    } else {
      log.log('debug', `${entry.racer.name} ${end.why}`);
      if (end.kind === 'gave way') entry.state = { kind: 'aside' };
      else {
        if (end.status === ExitStatus.temporaryFailure) this.#pause(entry);
        this.#callBack();
      }
    }
    this.#review();
  }

  /**
   * Perhaps it was the one that has failed for whom they gave way (C2). Not beside the
   * fall-back: two prompts on one terminal would be in each other's way.
   */
  #callBack(): void {
    if (this.#fallbackJoined) return;
    for (const entry of this.#entries) if (entry.state.kind === 'aside') this.#start(entry);
  }

  #pause(entry: Entry): void {
    const { clock, log } = this.#context;
    const pause = PAUSES[Math.min(entry.struggles, PAUSES.length - 1)] ?? seconds(1);
    entry.struggles++;
    log.log('debug', `${entry.racer.name} is started again in ${pause / 1000} seconds`);
    const callOff = clock.at(after(clock.now(), pause), () => {
      this.#start(entry);
      this.#review();
    });
    entry.state = { kind: 'pausing', callOff };
  }

  /** Looks whether the fall-back is needed, and whether anybody is left. */
  #review(): void {
    if (!this.#decided && !this.#fallbackJoined && this.#entries.every(isHopeless)) {
      this.#fallbackJoined = true;
      this.#enter(this.#context.fallback);
    }
    if (this.#entries.some(({ state }) => state.kind === 'running' || state.kind === 'pausing')) {
      return;
    }
    this.#allOver.resolve();
    if (!this.#decided) this.#result.resolve(null);
    this.#decided = true;
  }

  #stopAll(): Promise<void> {
    this.#decided = true;
    const { clock, log } = this.#context;
    for (const entry of this.#entries) {
      if (entry.state.kind === 'running') entry.state.run.stop();
      if (entry.state.kind !== 'pausing') continue;
      entry.state.callOff();
      entry.state = { kind: 'over' };
    }
    const kill = (): void => {
      for (const { racer, state } of this.#entries) {
        if (state.kind !== 'running') continue;
        log.log('warning', `${racer.name} did not end when asked to; killing it`);
        state.run.kill();
      }
      callOff = clock.at(after(clock.now(), LAST_WAIT), () => this.#allOver.resolve());
    };
    let callOff = clock.at(after(clock.now(), GRACE), kill);
    this.#review();
    return this.#allOver.promise.then(() => callOff());
  }
}

function isHopeless({ state, struggles }: Entry): boolean {
  return state.kind === 'over' || state.kind === 'aside' || struggles >= STRUGGLES;
}
