import type { Client } from '../core/client.ts';
import type { Effect } from '../core/client-effect.ts';

/** What has become of a client, and what is to be carried out when that is durable (F2). */
interface WaitingChange {
  client: Client;
  effects: readonly Effect[];
  saved: Saved;
  readonly done: PromiseWithResolvers<void>;
}

/** A save; one that begins `later`, when the one before has ended; null: nothing is to be saved. */
type Saved = Promise<void> | 'later' | null;

export interface WaitingChangesContext {
  /** Stores a client whose save was put off. */
  readonly save: (client: Client) => Promise<void>;
  readonly carryOut: (effects: readonly Effect[]) => void;
  readonly durable: (client: Client) => void;
  readonly failed: (error: unknown) => void;
}

/**
 * One client's changes in their order, each carried out when it is durable. One save serves all
 * that comes while another is under way, so a disk that stays full does not fill the memory.
 */
export class WaitingChanges {
  readonly #context: WaitingChangesContext;
  readonly #queue: WaitingChange[] = [];
  #draining = false;

  constructor(context: WaitingChangesContext) {
    this.#context = context;
  }

  get empty(): boolean {
    return this.#queue.length === 0;
  }

  /** Resolves when it is durable and carried out; rejects when it cannot be stored. */
  add(client: Client, effects: readonly Effect[], saved: Saved): Promise<void> {
    const last = this.#queue.at(-1);
    const mergeable = last?.saved === null || last?.saved === 'later';
    if (last !== undefined && mergeable && (saved === null || saved === 'later')) {
      last.client = client;
      last.effects = together(last.effects, effects);
      last.saved ??= saved;
      return last.done.promise;
    }
    const done = Promise.withResolvers<void>();
    this.#queue.push({ client, effects, saved, done });
    if (!this.#draining) this.#drain();
    return done.promise;
  }

  /** This save is newer than those that were put off. */
  includedIn(saved: Promise<void>): void {
    for (const change of this.#queue) if (change.saved === 'later') change.saved = saved;
  }

  /** Carries out what this save has made durable, though earlier ones still wait for the disk. */
  carryOutSaved(saved: Promise<void>): void {
    for (const change of this.#queue) {
      if (change.saved !== saved) continue;
      const { effects } = change;
      change.effects = [];
      this.#context.carryOut(effects);
    }
  }

  /** Without a detour as long as there is nothing to wait for. */
  #drain(): void {
    this.#draining = true;
    for (let first = this.#queue[0]; first !== undefined; first = this.#queue[0]) {
      if (first.saved === 'later') first.saved = this.#context.save(first.client);
      if (first.saved !== null) {
        void this.#drainSaved(first, first.saved);
        return;
      }
      this.#queue.shift();
      this.#context.carryOut(first.effects);
      first.done.resolve();
    }
    this.#draining = false;
  }

  async #drainSaved(first: WaitingChange, saved: Promise<void>): Promise<void> {
    let failure: { readonly error: unknown } | null = null;
    try {
      await saved;
      this.#context.durable(first.client);
    } catch (error) {
      failure = { error };
      this.#context.failed(error);
    }
    this.#queue.shift();
    this.#context.carryOut(first.effects);
    if (failure === null) first.done.resolve();
    else first.done.reject(failure.error);
    this.#drain();
  }
}

/** So much news may wait; of more, only the latest of each kind. */
const MUCH = 32;

function together(older: readonly Effect[], newer: readonly Effect[]): readonly Effect[] {
  const all = [...older, ...newer];
  if (all.length <= MUCH) return all;
  const latest = new Map<string, Effect>();
  const others: Effect[] = [];
  for (const effect of all) {
    const news = newsKind(effect);
    if (news === null) others.push(effect);
    else {
      latest.delete(news);
      latest.set(news, effect);
    }
  }
  return [...others, ...latest.values()];
}

/** Two of one kind tell the same things, the later one as they are now. */
function newsKind(effect: Effect): string | null {
  if (effect.kind === 'signal') return `signal ${effect.signal.name}`;
  if (effect.kind === 'properties-changed') return `properties ${effect.names.join()}`;
  return null;
}
