/** All clients while the server runs: who owns a key, who is due, who is to be told. */
import type { CheckId, Client, PeerToken } from '../core/client.ts';
import type { OperatorEvent } from '../core/client-event.ts';
import { MandosError } from '../core/error.ts';
import type { KeyId } from '../core/key-id.ts';
import type { Log } from '../core/log.ts';
import type { Moment } from '../core/moment.ts';
import type { Blob } from '../core/secret.ts';
import { after, type Clock, seconds, wallTime } from '../core/time.ts';
import type { BusModel, ModelListener } from './bus/model.ts';
import type { ClientSaver } from './client-saver.ts';
import { LiveClient, type LiveClientStart, type Told } from './live-client.ts';
import { reportLargeSecret } from './report-sections.ts';
import type { SleepWatch } from './sleep-watch.ts';
import { WakeUps } from './wake-ups.ts';

/** Until a state that could not be stored is tried again (F2). */
const RETRY = seconds(1);

/** Who runs the checks that are due. */
export interface CheckRunner {
  start(client: LiveClient, check: CheckId): void;
  stop(client: LiveClient): void;
}

export interface LiveClientsContext {
  readonly saver: ClientSaver;
  readonly checks: CheckRunner;
  readonly clock: Clock;
  /** The wall clock, for show. */
  readonly wallClock: () => number;
  readonly bootId: string;
  readonly sleep: Pick<SleepWatch, 'take'>;
  readonly random: () => number;
  readonly log: Log;
}

export class LiveClients implements BusModel, Disposable {
  readonly #context: LiveClientsContext;
  readonly #byName = new Map<string, LiveClient>();
  /** Who claims each key ID. One that two claim belongs to neither (S5). */
  readonly #claims = new Map<KeyId, Set<LiveClient>>();
  readonly #listeners = new Set<ModelListener>();
  readonly #wakeUps: WakeUps<LiveClient>;
  readonly #notSaved = new Set<LiveClient>();
  #callOffRetry: (() => void) | null = null;
  #lastPeer = 0;

  constructor(context: LiveClientsContext) {
    this.#context = context;
    this.#wakeUps = new WakeUps(context.clock, (client) => this.#wake(client));
  }

  /** Takes in a client whose state is durable. In the order of clients.conf. */
  add(start: LiveClientStart): void {
    const client = new LiveClient(start, {
      saver: this.#context.saver,
      bootId: this.#context.bootId,
      now: () => this.now(),
      startChecker: (one, check) => this.#context.checks.start(one, check),
      killChecker: (one) => this.#context.checks.stop(one),
      tell: (one, effect) => this.#tell(one, effect),
      wakeAt: (one, moment) => this.#wakeUps.set(one.name, one, moment),
      notSaved: (one, error) => this.#saveLater(one, error),
    });
    this.#byName.set(client.name, client);
    const { keyId } = client.state.settings;
    if (keyId === null) return;
    const claims = this.#claims.get(keyId);
    if (claims === undefined) this.#claims.set(keyId, new Set([client]));
    else claims.add(client);
  }

  now(): Moment {
    return { boot: this.#context.clock.now(), wall: wallTime(this.#context.wallClock()) };
  }

  get size(): number {
    return this.#byName.size;
  }

  /** The client that owns the key: the only one that claims it. */
  owner(keyId: KeyId): LiveClient | undefined {
    this.#noticeSleep();
    const [client, other] = this.#claims.get(keyId) ?? [];
    return other === undefined ? client : undefined;
  }

  live(name: string): LiveClient | undefined {
    return this.#byName.get(name);
  }

  /** A token that no peer had before. */
  newPeer(): PeerToken {
    this.#lastPeer++;
    return this.#lastPeer as PeerToken;
  }

  /** Tells the bus of a peer that nobody knows. */
  strangerCame(keyId: string, address: string): void {
    for (const listener of this.#listeners) listener.notFound(keyId, address);
  }

  *clients(): Iterable<Client> {
    for (const { state } of this.#byName.values()) {
      if (state.life.kind !== 'removed') yield state;
    }
  }

  find(name: string): Client | undefined {
    const state = this.#byName.get(name)?.state;
    return state?.life.kind === 'removed' ? undefined : state;
  }

  async submit(name: string, act: Exclude<OperatorEvent, { kind: 'set-secret' }>): Promise<void> {
    this.#noticeSleep();
    const client = this.#known(name);
    if (this.#context.saver.failing && !needsNoStore(act)) throw cannotStore();
    await client.apply(act);
    if (act.kind === 'remove') this.#drop(client);
  }

  async setSecret(name: string, secret: Blob): Promise<void> {
    const client = this.#byName.get(name);
    if (client === undefined || this.#context.saver.failing) secret[Symbol.dispose]();
    if (this.#context.saver.failing) throw cannotStore();
    const known = this.#known(name);
    reportLargeSecret(name, secret, this.#context.log);
    await known.setSecret(secret);
  }

  subscribe(listener: ModelListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #known(name: string): LiveClient {
    const client = this.#byName.get(name);
    if (client === undefined || client.state.life.kind === 'removed') {
      throw new MandosError('refused', `there is no client named ${JSON.stringify(name)}`);
    }
    return client;
  }

  #drop(client: LiveClient): void {
    if (this.#byName.get(client.name) !== client) return;
    this.#byName.delete(client.name);
    this.#wakeUps.set(client.name, client, null);
    const { keyId } = client.state.settings;
    if (keyId !== null) this.#unclaim(keyId, client);
    client[Symbol.dispose]();
    for (const listener of this.#listeners) listener.removed(client.name);
  }

  /** Whoever is left as the only one owns the key from here on, as `explain` tells operators. */
  #unclaim(keyId: KeyId, client: LiveClient): void {
    const claims = this.#claims.get(keyId);
    claims?.delete(client);
    if (claims?.size === 0) this.#claims.delete(keyId);
  }

  #wake(client: LiveClient): void {
    this.#noticeSleep();
    client.apply({ kind: 'tick' }).catch(() => undefined); // `notSaved` has been told
  }

  /** Before any other event after a suspend, every client is told how long it was. */
  #noticeSleep(): void {
    const slept = this.#context.sleep.take();
    if (slept === null) return;
    this.#context.log.log('warning', `the machine was asleep for ${Math.round(slept / 1000)} s`);
    for (const client of this.#byName.values()) {
      const random = this.#context.random();
      client.apply({ kind: 'woke', slept, random }).catch(() => undefined);
    }
  }

  #tell(client: LiveClient, effect: Told): void {
    const { state } = client;
    for (const listener of this.#listeners) {
      if (effect.kind === 'signal') listener.signalled(state, effect.signal);
      else listener.changed(state, effect.names);
    }
  }

  #saveLater(client: LiveClient, error: unknown): void {
    const why = error instanceof Error ? error.message : String(error);
    this.#context.log.log('critical', `cannot store the state of client ${client.name}: ${why}`);
    this.#notSaved.add(client);
    const { clock } = this.#context;
    this.#callOffRetry ??= clock.at(after(clock.now(), RETRY), () => this.#retry());
  }

  #retry(): void {
    this.#callOffRetry = null;
    const clients = [...this.#notSaved];
    this.#notSaved.clear();
    for (const client of clients) void client.saveAgain();
  }

  /** Nobody is woken any more, whoever waits is refused, and the secrets are wiped. */
  [Symbol.dispose](): void {
    this.#wakeUps.close();
    this.#callOffRetry?.();
    for (const client of this.#byName.values()) client[Symbol.dispose]();
    this.#byName.clear();
    this.#claims.clear();
  }
}

/**
 * What acts at once, stored or not (F2): it makes no life longer. An approval is of those: the
 * client that waits lives within its stored lease, and the gate looks at that again.
 */
function needsNoStore({ kind }: OperatorEvent): boolean {
  switch (kind) {
    case 'approve':
    case 'disable':
    case 'remove':
    case 'start-checker':
    case 'stop-checker':
      return true;
    case 'checked-ok':
    case 'enable':
    case 'set':
    case 'set-secret':
      return false;
  }
}

function cannotStore(): MandosError {
  return new MandosError('file-unwritable', 'the state cannot be stored now', {
    hint: 'see the log of the server; is the disk full',
  });
}
