/**
 * One client while the server runs: feeds events to the pure state machine and carries out
 * what it decides, in order, nothing before what it depends on is durable (F2).
 */

import { mayHaveSecret } from '../core/approval.ts';
import type { CheckId, Client, PeerToken } from '../core/client.ts';
import type { Effect } from '../core/client-effect.ts';
import type { ClientEvent } from '../core/client-event.ts';
import { nextWakeUp, transition } from '../core/client-life.ts';
import { toRow } from '../core/client-row.ts';
import type { LedgerChange } from '../core/ledger-entry.ts';
import type { Moment } from '../core/moment.ts';
import { Blob } from '../core/secret.ts';
import type { Instant } from '../core/time.ts';
import { wipeableCopy } from '../core/wipeable-bytes.ts';
import { withoutGrants } from '../core/withheld-grants.ts';
import type { ClientChange, ClientSaver } from './client-saver.ts';
import { WaitingChanges } from './waiting-changes.ts';

/** What a client has done to it by others, and tells them. */
export interface LiveClientContext {
  readonly saver: ClientSaver;
  readonly bootId: string;
  readonly now: () => Moment;
  readonly startChecker: (client: LiveClient, check: CheckId) => void;
  readonly killChecker: (client: LiveClient) => void;
  /** Something people may see has happened, and is durable. */
  readonly tell: (client: LiveClient, effect: Told) => void;
  readonly wakeAt: (client: LiveClient, moment: Instant | null) => void;
  /** Its state could not be stored: `saveAgain` is to be called in a while. */
  readonly notSaved: (client: LiveClient, error: unknown) => void;
}

/** The effects that are for others to see. */
export type Told = Extract<Effect, { kind: 'signal' | 'properties-changed' }>;

/** What a client starts with. */
export interface LiveClientStart {
  readonly client: Client;
  /** Owned by the live client from here on. */
  readonly blob: Blob;
  /** What clients.conf says. */
  readonly written: Readonly<Record<string, string>>;
}

export class LiveClient implements Disposable {
  readonly name: string;
  readonly #context: LiveClientContext;
  readonly #written: Readonly<Record<string, string>>;
  #current: Client;
  /** What is stored. */
  #durable: Client;
  #blob: Blob;
  readonly #waiting = new WaitingChanges({
    save: (client) => this.#save(client, this.#context.now(), NOTHING_MORE),
    carryOut: (effects) => this.#carryOut(effects),
    durable: (client) => {
      this.#durable = client;
    },
    failed: (error) => {
      this.#withdrawGrants();
      this.#context.notSaved(this, error);
    },
  });
  readonly #asked = new Map<PeerToken, (give: boolean) => void>();

  constructor(start: LiveClientStart, context: LiveClientContext) {
    this.name = start.client.settings.name;
    this.#context = context;
    this.#written = start.written;
    this.#current = start.client;
    this.#durable = start.client;
    this.#blob = start.blob;
    this.#context.wakeAt(this, nextWakeUp(this.#current));
  }

  /** As it is now. */
  get state(): Client {
    return this.#current;
  }

  /** Resolves when what the event did is durable and told; rejects when it cannot be stored. */
  apply(event: ClientEvent): Promise<void> {
    return this.#apply(event, null);
  }

  /** As `apply`. Takes over the blob, also when it rejects. */
  async setSecret(blob: Blob): Promise<void> {
    const before = this.#blob;
    this.#blob = blob;
    try {
      await this.#apply({ kind: 'set-secret' }, blob);
      before[Symbol.dispose]();
    } catch (error) {
      if (this.#blob === blob) this.#blob = before;
      blob[Symbol.dispose]();
      throw error;
    }
  }

  /** The decision about a peer that has proven this client's key; false also when it leaves. */
  ask(peer: PeerToken): Promise<boolean> {
    return new Promise((resolve) => {
      this.#asked.set(peer, resolve);
      this.#background({ kind: 'secret-requested', peer });
    });
  }

  /** The peer is gone; what it asked is answered with no. */
  peerLeft(peer: PeerToken): void {
    this.#background({ kind: 'peer-left', peer });
    this.#answer(peer, false);
  }

  /** The whole secret has gone out to a peer. */
  secretSent(): void {
    this.#background({ kind: 'secret-sent' });
  }

  /**
   * A copy of the secret if it may be released this very moment, by what is stored too: a
   * life that could not be stored is not lived on (F2, F3).
   */
  release(): Blob | null {
    const allowed = withoutGrants(this.#durable, this.#current);
    if (!mayHaveSecret(allowed, this.#context.now())) return null;
    return new Blob(wipeableCopy(this.#blob.bytes));
  }

  /** An event whose outcome nobody waits for. */
  #background(event: ClientEvent): void {
    this.apply(event).catch(() => undefined); // `notSaved` has been told
  }

  #apply(event: ClientEvent, secret: Blob | null): Promise<void> {
    const before = this.#current;
    const now = this.#context.now();
    const { client, effects } = transition(before, event, now);
    this.#current = client;
    this.#context.wakeAt(this, nextWakeUp(client));
    this.#actAtOnce(effects);
    const save = effects.find((effect) => effect.kind === 'save');
    if (save !== undefined && (save.ledger !== null || secret !== null)) {
      return this.#changeNow(client, now, { ledger: save.ledger, secret }, effects);
    }
    if (save === undefined) {
      // While an earlier state waits for the disk, what depends on nothing new goes on: checks,
      // and secrets within the stored lease (F2). What is told keeps its order.
      this.#carryOut(effects.filter(isAct));
      const told = effects.filter((effect) => !isAct(effect));
      this.#waiting.add(client, told, null).catch(() => undefined); // it fails for an earlier one
      return Promise.resolve();
    }
    const saved = this.#waiting.empty ? this.#save(client, now, NOTHING_MORE) : 'later';
    return this.#waiting.add(client, effects, saved);
  }

  /** What the ledger has to know is not put off. */
  #changeNow(
    client: Client,
    now: Moment,
    more: Pick<ClientChange, 'ledger' | 'secret'>,
    effects: readonly Effect[],
  ): Promise<void> {
    const saved = this.#save(client, now, more);
    this.#waiting.includedIn(saved);
    const done = this.#waiting.add(client, effects, saved);
    if (!isStricter(more.ledger)) return done;
    done.catch(() => undefined); // `saved` tells it
    return saved.then(() => this.#waiting.carryOutSaved(saved));
  }

  /** Lock-outs, kills and refusals wait for nothing. */
  #actAtOnce(effects: readonly Effect[]): void {
    for (const effect of effects) {
      if (effect.kind === 'refuse-secret') this.#answer(effect.peer, false);
      else if (effect.kind === 'kill-checker') this.#context.killChecker(this);
    }
  }

  #save(
    client: Client,
    now: Moment,
    { ledger, secret }: Pick<ClientChange, 'ledger' | 'secret'>,
  ): Promise<void> {
    const row = toRow(client, now, {
      bootId: this.#context.bootId,
      written: this.#written,
      ledgerEntries: 0, // the store counts them
    });
    const saved = this.#context.saver.save({ row, ledger, secret });
    saved.catch(() => undefined); // looked at when its turn has come
    return saved;
  }

  /** What was granted and is not durable is not granted (F2). */
  #withdrawGrants(): void {
    this.#current = withoutGrants(this.#durable, this.#current);
    this.#context.wakeAt(this, nextWakeUp(this.#current));
  }

  /** Tries again to store the present state after a failure; see `notSaved`. */
  async saveAgain(): Promise<void> {
    const client = this.#current;
    const ledger = missingLedgerChange(this.#durable, client);
    try {
      await this.#save(client, this.#context.now(), { ledger, secret: this.#blob });
      if (this.#waiting.empty) this.#durable = client;
    } catch (error) {
      this.#context.notSaved(this, error);
    }
  }

  #carryOut(effects: readonly Effect[]): void {
    for (const effect of effects) {
      switch (effect.kind) {
        case 'save':
        case 'kill-checker':
        case 'refuse-secret':
          break;
        case 'start-checker':
          this.#context.startChecker(this, effect.check);
          break;
        case 'give-secret':
          this.#answer(effect.peer, true);
          break;
        case 'signal':
        case 'properties-changed':
          this.#context.tell(this, effect);
          break;
        default:
          effect satisfies never;
      }
    }
  }

  #answer(peer: PeerToken, give: boolean): void {
    this.#asked.get(peer)?.(give);
    this.#asked.delete(peer);
  }

  [Symbol.dispose](): void {
    for (const peer of [...this.#asked.keys()]) this.#answer(peer, false);
    this.#blob[Symbol.dispose]();
  }
}

const NOTHING_MORE = { ledger: null, secret: null } as const;

function isAct({ kind }: Effect): boolean {
  return kind === 'start-checker' || kind === 'give-secret';
}

function isStricter(ledger: LedgerChange | null): boolean {
  return ledger?.kind === 'locked-out' || ledger?.kind === 'removed';
}

/** What the ledger has missed while it could not be written: only what is stricter. */
function missingLedgerChange(durable: Client, current: Client): LedgerChange | null {
  if (durable.life.kind === current.life.kind) return null;
  switch (current.life.kind) {
    case 'disabled':
      return { kind: 'locked-out', reason: current.life.reason };
    case 'removed':
      return { kind: 'removed' };
    case 'enabled':
      return null;
  }
}
