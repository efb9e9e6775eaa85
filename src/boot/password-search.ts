/**
 * Asks servers until one gives a password that opens (mandos-client(8mandos)): all that are
 * known, some at a time, each again after `retry`, for ever.
 *
 *   searching ──signed by own key──────────────────────────▶ over: found
 *       │  └──opened, not signed──▶ holding ──retry passed──▶ over: found
 *       └──────────────── fail, dispose ───────────────────▶ over: failed
 */
import { type Cancellation, CancellationSource } from '../core/cancellation.ts';
import { type ErrorCode, MandosError } from '../core/error.ts';
import type { Log } from '../core/log.ts';
import type { Password } from '../core/secret.ts';
import { after, type Clock, type Duration, type Instant, milliseconds } from '../core/time.ts';
import type { OpenedBlob } from '../openpgp/open.ts';
import type { Answer } from './ask-for-password.ts';
import { formatServer, type ServerAddress } from './server-address.ts';
import { ServerRotation } from './server-rotation.ts';

/** Servers asked at the same time (N6). */
export const MAX_ASKED_AT_ONCE = 8;

/** With `--retry=0` too, neither the network nor the processor is kept busy (C2). */
const SHORTEST_PAUSE: Duration = milliseconds(100);

export interface SearchContext {
  readonly clock: Clock;
  readonly log: Log;
  readonly retry: Duration;
  /**
   * Asks one server once; see `askForPassword`.
   * @param shown called when the server has proven to be one
   * @param connected called when its machine has taken the connection
   */
  readonly ask: (
    server: ServerAddress,
    end: Cancellation,
    shown: () => void,
    connected: () => void,
  ) => Promise<Answer>;
  /** Told of each server that was asked in vain. */
  readonly inVain?: (server: ServerAddress) => void;
}

type State =
  | { readonly kind: 'searching' }
  /** Anybody could have sealed this password; one from our administrator may still come. */
  | { readonly kind: 'holding'; readonly password: Password; readonly callOff: () => void }
  | { readonly kind: 'over' };

export class PasswordSearch implements Disposable {
  readonly #context: SearchContext;
  readonly #pause: Duration;
  readonly #rotation = new ServerRotation();
  /** The conversations, by the names of their servers, and how to end each. */
  readonly #asking = new Map<string, CancellationSource>();
  /** The last trouble with each server, so that a console is not filled with repetitions. */
  readonly #troubles = new Map<string, string>();
  readonly #found: Promise<Password>;
  #resolve: (password: Password) => void = () => undefined;
  #reject: (reason: unknown) => void = () => undefined;
  #state: State = { kind: 'searching' };
  #alarm: { readonly at: Instant; readonly callOff: () => void } | null = null;

  constructor(context: SearchContext) {
    this.#context = context;
    this.#pause = context.retry > SHORTEST_PAUSE ? context.retry : SHORTEST_PAUSE;
    this.#found = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    this.#found.catch(() => undefined); // whoever awaits it is told
  }

  /** The password, the caller's to dispose of; or the reason of `fail`. */
  get found(): Promise<Password> {
    return this.#found;
  }

  /** A server to ask, after the pause if there is room. */
  add(server: ServerAddress, pause: Duration = milliseconds(0)): void {
    const at = after(this.#context.clock.now(), pause);
    if (this.#rotation.add(server, at)) this.#askNext();
    else this.#context.log.log('debug', `too many servers; not asking ${formatServer(server)}`);
  }

  /** A server not to ask again; a conversation with it goes on. */
  remove(server: ServerAddress): void {
    this.#rotation.remove(server);
    this.#troubles.delete(formatServer(server));
  }

  /** The network has changed: who could not be reached is asked again at once. */
  hurry(): void {
    this.#rotation.hurry(this.#context.clock.now());
    this.#askNext();
  }

  /** Ends the search without a password, and every conversation with it. */
  fail(reason: unknown): void {
    this.#finish(reason, () => this.#reject(reason));
  }

  /** As `fail`; harmless when it is over. */
  [Symbol.dispose](): void {
    this.fail(new MandosError('cancelled', 'the search for a password was given up'));
  }

  #finish(reason: unknown, tell: () => void): void {
    const state = this.#state;
    if (state.kind === 'over') return;
    this.#state = { kind: 'over' };
    if (state.kind === 'holding') {
      state.callOff();
      state.password[Symbol.dispose]();
    }
    this.#alarm?.callOff();
    this.#alarm = null;
    for (const end of this.#asking.values()) end.abort(reason);
    tell();
  }

  /** Asks whoever is due, and sets the alarm for whoever is due next. */
  #askNext(): void {
    if (this.#state.kind === 'over') return;
    const { clock } = this.#context;
    while (this.#asking.size < MAX_ASKED_AT_ONCE) {
      const server = this.#rotation.take(clock.now());
      if (server === undefined) break;
      if (this.#asking.has(formatServer(server))) {
        // It went and came back during the conversation.
        this.#rotation.again(server, after(clock.now(), this.#pause));
        continue;
      }
      this.#ask(server).catch((error) => this.fail(error));
    }
    const next = this.#makeRoom();
    if (this.#alarm?.at === next) return;
    this.#alarm?.callOff();
    this.#alarm = null;
    if (next === undefined) return;
    const callOff = clock.at(next, () => {
      this.#alarm = null;
      this.#askNext();
    });
    this.#alarm = { at: next, callOff };
  }

  /** Lets somebody give way when that is needed; returns when to look again. */
  #makeRoom(): Instant | undefined {
    if (this.#asking.size < MAX_ASKED_AT_ONCE) return this.#rotation.nextDue;
    const way = this.#rotation.giveWay(this.#context.clock.now());
    if (way === undefined || 'at' in way) return way?.at;
    const name = formatServer(way.server);
    this.#context.log.log('debug', `${name} takes long; asking others meanwhile`);
    this.#asking.get(name)?.abort(new GaveWay());
    return undefined;
  }

  async #ask(server: ServerAddress): Promise<void> {
    const { clock, log } = this.#context;
    const name = formatServer(server);
    log.log('debug', `asking ${name}`);
    const end = new CancellationSource();
    this.#asking.set(name, end);
    let pause = this.#pause;
    let unreachable = false;
    try {
      const shown = (): void => {
        this.#rotation.shown(server);
        this.#askNext();
      };
      const connected = (): void => this.#rotation.connected(server);
      const answer = await this.#context.ask(server, end, shown, connected);
      if (answer.kind === 'refused') {
        this.#tell(server, 'it has no password for this client, or will not give it now');
      } else if (this.#take(server, answer.blob) === 'held') {
        pause = milliseconds(Math.round(pause / 2));
      }
    } catch (error) {
      if (end.reason instanceof GaveWay) pause = milliseconds(0);
      else if (this.#state.kind !== 'over') {
        this.#tell(server, passingTrouble(error));
        unreachable = error instanceof MandosError && isNetwork(error.code);
      }
    }
    this.#asking.delete(name);
    this.#rotation.again(server, after(clock.now(), pause), unreachable);
    if (this.#state.kind !== 'over') this.#context.inVain?.(server);
    this.#askNext();
  }

  #take(server: ServerAddress, { password, signed }: OpenedBlob): 'taken' | 'held' {
    const { clock, log, retry } = this.#context;
    if (this.#state.kind === 'over') {
      password[Symbol.dispose]();
      return 'taken';
    }
    if (signed === 'by-own-key') {
      log.log('debug', `${formatServer(server)} gave the password`);
      this.#finish(new MandosError('cancelled', 'another server gave the password'), () =>
        this.#resolve(password),
      );
      return 'taken';
    }
    this.#tell(server, 'its password is not signed by this client’s own key');
    if (this.#state.kind === 'holding') {
      password[Symbol.dispose]();
      return 'held';
    }
    // N6. It holds for the one server of --connect as well: the client does not know its
    // servers by key, so whoever takes over an address can answer from it. That is why this
    // server is asked once more while the password is held.
    const callOff = clock.at(after(clock.now(), retry), () => {
      log.log('warning', 'using a password that is not signed; no signed one came');
      this.#state = { kind: 'searching' };
      this.#finish(new MandosError('cancelled', 'a password was found'), () =>
        this.#resolve(password),
      );
    });
    this.#state = { kind: 'holding', password, callOff };
    return 'held';
  }

  #tell(server: ServerAddress, trouble: string): void {
    const name = formatServer(server);
    const repeated = this.#troubles.get(name) === trouble;
    this.#troubles.set(name, trouble);
    const message = `no password from ${name} yet: ${trouble}; asking again`;
    this.#context.log.log(repeated ? 'debug' : 'warning', message);
  }
}

/** A conversation ends because others wait for its place; it comes again. */
class GaveWay extends Error {
  override readonly name = 'GaveWay';
}

function isNetwork(code: ErrorCode): boolean {
  return code === 'network' || code === 'unreachable';
}

/** What went wrong, if another try may go better; throws what is here to stay. */
function passingTrouble(error: unknown): string {
  if (!(error instanceof MandosError)) throw error;
  switch (error.code) {
    case 'network':
    case 'unreachable':
    case 'protocol':
    case 'deadline':
    case 'blob-unusable':
      return error.message;
    default:
      throw error;
  }
}
