import { after, type Duration, type Instant, milliseconds, seconds } from '../core/time.ts';
import { formatServer, type ServerAddress } from './server-address.ts';

/**
 * Addresses remembered at once: those of 64 servers with eight addresses each (N6). Anyone
 * on the network can announce any number.
 */
export const MAX_ADDRESSES = 512;

/**
 * How long a conversation may last while others wait for its place. A server on the same
 * network needs a few milliseconds, a busy one more; who gives way comes again, and may then
 * take twice as long.
 */
const FIRST_PATIENCE: Duration = milliseconds(250);
const MOST_PATIENCE: Duration = seconds(8);

/**
 * A connection is taken by the kernel of a machine, however busy that is. Where none has been
 * taken in this time there is hardly a server, and others wait (N6).
 */
const CONNECT_PATIENCE: Duration = milliseconds(100);

/** A server that has shown itself and is silent may be waiting for a person's approval. */
const SHOWN_PATIENCE = { fresh: seconds(1), known: seconds(10) } as const;

/** New servers come first, but for every fifth place: a flood of them must not win (N6). */
const FRESH_IN_A_ROW = 4;

/**
 *   due ──take──▶ asked ──again──▶ due     and gone from either
 *                 asked ──giveWay──▶ giving way ──again──▶ due
 */
type Turn =
  | { readonly kind: 'due'; readonly at: Instant; readonly unreachable: boolean }
  | { readonly kind: 'asked'; readonly since: Instant; readonly reached: Reached }
  | { readonly kind: 'giving way' };

/** How far a conversation has come. */
type Reached = 'nobody' | 'machine' | 'server';

interface Entry {
  readonly server: ServerAddress;
  readonly turn: Turn;
  /** Never asked before. */
  readonly fresh: boolean;
  readonly patience: Duration;
  /** It was removed while it was asked: its place is still to be given up to others (N6). */
  readonly gone: boolean;
}

type Due = Entry & { readonly turn: { readonly kind: 'due' } };

/**
 * Whose turn it is to be asked: of all that are due, who has been due longest, first
 * among those that nobody has asked yet; and who is to give way when too many are being
 * asked. Pure.
 */
export class ServerRotation {
  readonly #entries = new Map<string, Entry>();
  #freshInARow = 0;

  /** Due at that moment. False when there is no room. One that is known keeps its turn. */
  add(server: ServerAddress, at: Instant): boolean {
    const name = formatServer(server);
    const known = this.#entries.get(name);
    if (known?.gone) this.#set({ ...known, gone: false });
    if (known !== undefined) return true;
    if (this.#isFull) return false;
    const turn = { kind: 'due', at, unreachable: false } as const;
    this.#set({ server, turn, fresh: true, patience: FIRST_PATIENCE, gone: false });
    return true;
  }

  remove(server: ServerAddress): void {
    const name = formatServer(server);
    const entry = this.#entries.get(name);
    if (entry?.turn.kind === 'due') this.#entries.delete(name);
    else if (entry !== undefined) this.#set({ ...entry, gone: true });
  }

  /** The server to ask now, which is then asked; undefined when none is due. */
  take(now: Instant): ServerAddress | undefined {
    const { fresh, known } = this.#due(now);
    const first = this.#freshInARow < FRESH_IN_A_ROW ? (fresh ?? known) : (known ?? fresh);
    if (first === undefined) return undefined;
    this.#freshInARow = first.fresh ? this.#freshInARow + 1 : 0;
    const turn = { kind: 'asked', since: now, reached: 'nobody' } as const;
    this.#set({ ...first, turn, fresh: false });
    return first.server;
  }

  /** The machine of a server that is asked has taken the connection. */
  connected(server: ServerAddress): void {
    this.#reached(server, 'machine');
  }

  /** A server that is asked has proven to be one: its handshake is complete. */
  shown(server: ServerAddress): void {
    this.#reached(server, 'server');
  }

  #reached(server: ServerAddress, reached: Reached): void {
    const entry = this.#entries.get(formatServer(server));
    if (entry?.turn.kind === 'asked') this.#set({ ...entry, turn: { ...entry.turn, reached } });
  }

  /**
   * A server that was asked is to be asked again at that moment, unless it has gone since.
   * @param unreachable whether `hurry` may bring that forward
   */
  again(server: ServerAddress, at: Instant, unreachable = false): void {
    const entry = this.#entries.get(formatServer(server));
    if (entry === undefined || entry.turn.kind === 'due') return;
    if (entry.gone) this.#entries.delete(formatServer(server));
    else this.#set({ ...entry, turn: { kind: 'due', at, unreachable } });
  }

  /** The network has changed: who could not be reached before is due now. */
  hurry(now: Instant): void {
    for (const entry of this.#entries.values()) {
      const { turn } = entry;
      if (turn.kind !== 'due' || !turn.unreachable || turn.at <= now) continue;
      this.#set({ ...entry, turn: { kind: 'due', at: now, unreachable: false } });
    }
  }

  /** When `take` will have a server; undefined when all there are are being asked. */
  get nextDue(): Instant | undefined {
    let next: Instant | undefined;
    for (const { turn } of this.#entries.values()) {
      if (turn.kind === 'due' && (next === undefined || turn.at < next)) next = turn.at;
    }
    return next;
  }

  /**
   * When there is no place left for whoever is due: the server that is to give way to it now,
   * or when to ask this again; undefined when nobody waits. It ends by `again`.
   */
  giveWay(now: Instant): { readonly server: ServerAddress } | { readonly at: Instant } | undefined {
    const { fresh, known } = this.#due(now);
    if (fresh === undefined && known === undefined) {
      const at = this.nextDue;
      return at === undefined ? undefined : { at };
    }
    let first: { readonly entry: Entry; readonly at: Instant } | undefined;
    for (const entry of this.#entries.values()) {
      // One place at a time becomes free; the next is asked for when it has.
      if (entry.turn.kind === 'giving way') return undefined;
      if (entry.turn.kind !== 'asked') continue;
      const at = after(entry.turn.since, patienceWith(entry, entry.turn, fresh !== undefined));
      if (first === undefined || at < first.at) first = { entry, at };
    }
    if (first === undefined) return undefined;
    // A new server may be due before anybody has lost patience.
    const next = this.#nextAfter(now) ?? first.at;
    if (first.at > now) return { at: next < first.at ? next : first.at };
    const { entry } = first;
    const patience = milliseconds(Math.min(entry.patience * 2, MOST_PATIENCE));
    this.#set({ ...entry, turn: { kind: 'giving way' }, patience });
    return { server: entry.server };
  }

  /** Who has gone and is still being asked takes no room: who came instead would be lost (N6). */
  get #isFull(): boolean {
    if (this.#entries.size < MAX_ADDRESSES) return false;
    return [...this.#entries.values()].filter(({ gone }) => !gone).length >= MAX_ADDRESSES;
  }

  #set(entry: Entry): void {
    this.#entries.set(formatServer(entry.server), entry);
  }

  /** Of both kinds the one that has been due longest. */
  #due(now: Instant): { readonly fresh: Due | undefined; readonly known: Due | undefined } {
    let fresh: Due | undefined;
    let known: Due | undefined;
    for (const entry of this.#entries.values()) {
      if (!isDue(entry) || entry.turn.at > now) continue;
      if (entry.fresh) fresh = longerDue(fresh, entry);
      else known = longerDue(known, entry);
    }
    return { fresh, known };
  }

  /** When somebody is due who is not due yet. */
  #nextAfter(now: Instant): Instant | undefined {
    let next: Instant | undefined;
    for (const { turn } of this.#entries.values()) {
      if (turn.kind !== 'due' || turn.at <= now) continue;
      if (next === undefined || turn.at < next) next = turn.at;
    }
    return next;
  }
}

function longerDue(one: Due | undefined, other: Due): Due {
  return one === undefined || other.turn.at < one.turn.at ? other : one;
}

function isDue(entry: Entry): entry is Due {
  return entry.turn.kind === 'due';
}

/** For a server that nobody has asked yet a place becomes free sooner. */
function patienceWith(
  entry: Entry,
  { reached }: { readonly reached: Reached },
  forFresh: boolean,
): Duration {
  if (reached === 'server') return forFresh ? SHOWN_PATIENCE.fresh : SHOWN_PATIENCE.known;
  if (!forFresh) return entry.patience;
  return reached === 'machine' ? FIRST_PATIENCE : CONNECT_PATIENCE;
}
