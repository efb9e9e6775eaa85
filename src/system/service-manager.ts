import type { Log } from '../core/log.ts';
import { after, type Clock, type Duration, milliseconds } from '../core/time.ts';
import { closeDescriptor, sendDatagram, unixDatagramSocket } from '../native/libc.ts';

/** What the service manager asks of a service (sd_notify(3), sd_watchdog_enabled(3)). */
export interface ServiceContract {
  /** Where it wants to be told: a path, or `@` and an abstract name. Null: nowhere. */
  readonly socket: string | null;
  /** How often at least it wants to hear that all is well; null: never. */
  readonly watchdog: Duration | null;
}

type Environment = Record<string, string | undefined>;

/** Reads the contract and takes it out of the environment: it is nobody else's (L5). */
export function takeServiceContract(environment: Environment, pid: number): ServiceContract {
  const { NOTIFY_SOCKET = '', WATCHDOG_USEC = '', WATCHDOG_PID = String(pid) } = environment;
  for (const name of ['NOTIFY_SOCKET', 'WATCHDOG_USEC', 'WATCHDOG_PID']) delete environment[name];
  if (NOTIFY_SOCKET === '') return { socket: null, watchdog: null };
  const watched = /^[1-9][0-9]{0,17}$/.test(WATCHDOG_USEC) && WATCHDOG_PID === String(pid);
  const interval = Math.floor(Math.min(Number(WATCHDOG_USEC) / 1000, Number.MAX_SAFE_INTEGER));
  return { socket: NOTIFY_SOCKET, watchdog: watched ? milliseconds(interval) : null };
}

/** A full queue: the word that the service is ready is what its start waits for. */
const RETRY = milliseconds(100);
const ATTEMPTS = 100;

export interface ServiceManagerContext {
  readonly clock: Clock;
  readonly log: Log;
}

/** Tells the service manager how the service is; without one it does nothing. */
export class ServiceManager implements Disposable {
  readonly #contract: ServiceContract;
  readonly #context: ServiceManagerContext;
  readonly #alarms = new Map<'retry' | 'watchdog', () => void>();
  #toldProblem = false;

  constructor(contract: ServiceContract, context: ServiceManagerContext) {
    this.#contract = contract;
    this.#context = context;
  }

  /** @param status what the service does now, one line */
  ready(status: string): void {
    this.#sendSurely(`READY=1\nSTATUS=${oneLine(status)}`, ATTEMPTS);
  }

  stopping(): void {
    this.#alarms.get('retry')?.();
    this.#send('STOPPING=1\nSTATUS=stopping');
  }

  /**
   * Says that all is well for as long as it is: at once, and twice as often as asked for. What
   * hangs or has come apart says nothing, and is started anew.
   */
  watch(works: () => boolean): void {
    const { watchdog } = this.#contract;
    if (watchdog === null) return;
    const { clock, log } = this.#context;
    if (!works()) {
      log.log('critical', 'the server does not work any more; the watchdog is told no longer');
      return;
    }
    this.#send('WATCHDOG=1');
    const next = after(clock.now(), milliseconds(Math.max(1, Math.floor(watchdog / 2))));
    this.#alarms.set(
      'watchdog',
      clock.at(next, () => this.watch(works)),
    );
  }

  #sendSurely(text: string, attempts: number): void {
    if (this.#send(text) || attempts <= 1) return;
    const { clock } = this.#context;
    const again = after(clock.now(), RETRY);
    this.#alarms.set(
      'retry',
      clock.at(again, () => this.#sendSurely(text, attempts - 1)),
    );
  }

  /** False when it could not be sent. */
  #send(text: string): boolean {
    const { socket } = this.#contract;
    if (socket === null) return true;
    try {
      const descriptor = unixDatagramSocket(socket);
      try {
        sendDatagram(descriptor, new TextEncoder().encode(text));
      } finally {
        closeDescriptor(descriptor);
      }
      return true;
    } catch (error) {
      this.#tellProblem(error);
      return false;
    }
  }

  #tellProblem(error: unknown): void {
    if (this.#toldProblem) return;
    this.#toldProblem = true;
    const why = error instanceof Error ? error.message : String(error);
    this.#context.log.log('error', `cannot tell the service manager how the server is: ${why}`);
  }

  [Symbol.dispose](): void {
    for (const callOff of this.#alarms.values()) callOff();
    this.#alarms.clear();
  }
}

/** A line break would begin another assignment. */
function oneLine(text: string): string {
  return text.replaceAll('\n', ' ');
}
