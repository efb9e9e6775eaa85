import type { CheckId, Client, PeerToken } from '../../src/core/client.ts';
import type { Effect } from '../../src/core/client-effect.ts';
import type { ClientEvent } from '../../src/core/client-event.ts';
import { transition } from '../../src/core/client-life.ts';
import type { KeyId } from '../../src/core/key-id.ts';
import type { Moment } from '../../src/core/moment.ts';
import type { Blob } from '../../src/core/secret.ts';
import { instant, milliseconds, minutes, seconds, wallTime } from '../../src/core/time.ts';
import type { BusModel, ModelListener } from '../../src/server/bus/model.ts';

/** 2026-11-23T04:08:12.238 */
export const START = wallTime(Date.UTC(2026, 10, 23, 4, 8, 12, 238));

export type ClientChanges = Partial<Omit<Client, 'settings'>> & {
  readonly settings?: Partial<Client['settings']>;
};

/** An enabled client that has never been checked, as Debian's server would have it. */
export function makeClient(name: string, changes: ClientChanges = {}): Client {
  const { settings, ...rest } = changes;
  return {
    settings: {
      name,
      keyId: '788CD77115CD0BB7B2D5E0AE8496F6B48149D5E712C652076B1FD2D957EF7C1F' as KeyId,
      fingerprint: '778827225BA7DE539C5A7CFA59CFF7CDBD9A5920',
      host: 'localhost',
      checker: 'true',
      timeout: minutes(10),
      extendedTimeout: minutes(15),
      interval: minutes(2),
      approvalDelay: milliseconds(0),
      approvalDuration: seconds(1),
      approvedByDefault: true,
      enabled: true,
      ...settings,
    },
    life: {
      kind: 'enabled',
      expires: { boot: instant(1_000_000), wall: wallTime(START + 600_000) },
      nextCheck: instant(120_000),
      graceUsed: false,
      waiting: [],
    },
    checker: { kind: 'idle' },
    checks: 0,
    decision: null,
    created: START,
    lastEnabled: START,
    lastCheckedOk: null,
    lastApprovalRequest: null,
    lastCheckerStatus: -2,
    ...rest,
  };
}

/**
 * The clients' real lives (core) without anything around them: nothing is stored, no checker
 * runs, and time stands still until a test moves it.
 */
export class FakeModel implements BusModel {
  readonly acts: { readonly name: string; readonly act: ClientEvent }[] = [];
  readonly secrets = new Map<string, Uint8Array>();
  readonly effects: Effect[] = [];
  now: Moment = { boot: instant(0), wall: START };
  /** What the next act is refused with. */
  refuseWith: Error | null = null;
  readonly #clients: Map<string, Client>;
  readonly #listeners = new Set<ModelListener>();

  constructor(clients: readonly Client[] = []) {
    this.#clients = new Map(clients.map((client) => [client.settings.name, client]));
  }

  clients(): Iterable<Client> {
    return this.#clients.values();
  }

  find(name: string): Client | undefined {
    return this.#clients.get(name);
  }

  add(client: Client): void {
    this.#clients.set(client.settings.name, client);
    for (const listener of this.#listeners) listener.added(client);
  }

  submit(name: string, act: ClientEvent): Promise<void> {
    const refusal = this.refuseWith;
    this.refuseWith = null;
    if (refusal !== null) return Promise.reject(refusal);
    this.happen(name, act);
    return Promise.resolve();
  }

  setSecret(name: string, secret: Blob): Promise<void> {
    this.secrets.set(name, secret.bytes.slice());
    return this.submit(name, { kind: 'set-secret' });
  }

  subscribe(listener: ModelListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  notFound(keyId: string, address: string): void {
    for (const listener of this.#listeners) listener.notFound(keyId, address);
  }

  /** A whole check, from its start to its end. */
  check(name: string, command: string, waitStatus: number): void {
    this.happen(name, { kind: 'start-checker' });
    const check = (this.#clients.get(name)?.checks ?? 0) as CheckId;
    this.happen(name, { kind: 'checker-started', check, command });
    this.happen(name, { kind: 'checker-completed', check, waitStatus });
  }

  askForSecret(name: string, peer: number): void {
    this.happen(name, { kind: 'secret-requested', peer: peer as PeerToken });
  }

  happen(name: string, event: ClientEvent): void {
    this.acts.push({ name, act: event });
    const before = this.#clients.get(name);
    if (before === undefined) throw new TypeError(`no client ${name}`);
    const { client, effects } = transition(before, event, this.now);
    if (client.life.kind === 'removed') this.#clients.delete(name);
    else this.#clients.set(name, client);
    for (const effect of effects) this.#carryOut(client, effect);
    if (client.life.kind === 'removed') {
      for (const listener of this.#listeners) listener.removed(name);
    }
  }

  #carryOut(client: Client, effect: Effect): void {
    this.effects.push(effect);
    for (const listener of this.#listeners) {
      if (effect.kind === 'properties-changed') listener.changed(client, effect.names);
      if (effect.kind === 'signal') listener.signalled(client, effect.signal);
    }
  }
}
