/** The server's living clients without network, bus, disk, processes and time. */
import assert from 'node:assert/strict';
import type { ClientSettings } from '../../src/core/client-settings.ts';
import { startClient } from '../../src/core/client-start.ts';
import { NOT_IN_LEDGER } from '../../src/core/ledger-entry.ts';
import { Blob } from '../../src/core/secret.ts';
import { type Duration, milliseconds, minutes, seconds } from '../../src/core/time.ts';
import type { ModelListener } from '../../src/server/bus/model.ts';
import type { ClientChange, ClientSaver } from '../../src/server/client-saver.ts';
import type { LiveClient } from '../../src/server/live-client.ts';
import { LiveClients } from '../../src/server/live-clients.ts';
import { RecordingLog } from '../support/recording-log.ts';
import { SimulatedClock, settle } from '../support/simulated-clock.ts';
import { tlsKey } from '../support/tls-keys.ts';

/** A store whose disk the test holds in its hands. */
export class HeldStore implements ClientSaver {
  readonly changes: ClientChange[] = [];
  readonly #waiting: PromiseWithResolvers<void>[] = [];
  mode: 'at once' | 'held' | 'broken' = 'at once';
  failing = false;

  save(change: ClientChange): Promise<void> {
    if (this.mode === 'broken') return Promise.reject(new Error('no space left on device'));
    this.changes.push(change);
    if (this.mode === 'at once') return Promise.resolve();
    const held = Promise.withResolvers<void>();
    this.#waiting.push(held);
    return held.promise;
  }

  async release(): Promise<void> {
    for (const held of this.#waiting.splice(0)) held.resolve();
    await settle();
  }

  async fail(): Promise<void> {
    for (const held of this.#waiting.splice(0)) held.reject(new Error('the disk failed'));
    await settle();
  }
}

/** Living clients over a store, a clock and checkers that the test moves. */
export class House implements Disposable {
  readonly clock = new SimulatedClock();
  readonly store = new HeldStore();
  readonly log = new RecordingLog();
  readonly told: string[] = [];
  readonly checks: string[] = [];
  slept: Duration | null = null;
  readonly clients: LiveClients;

  constructor() {
    this.clients = new LiveClients({
      saver: this.store,
      checks: {
        start: (client, check) => this.checks.push(`start ${client.name} ${check}`),
        stop: (client) => this.checks.push(`stop ${client.name}`),
      },
      clock: this.clock,
      wallClock: () => this.clock.now(),
      bootId: 'boot',
      sleep: {
        take: () => {
          const { slept } = this;
          this.slept = null;
          return slept;
        },
      },
      random: () => 0.5,
      log: this.log,
    });
    const listener: ModelListener = {
      added: ({ settings }) => this.told.push(`added ${settings.name}`),
      removed: (name) => this.told.push(`removed ${name}`),
      changed: (_, names) => this.told.push(...names),
      signalled: (_, { name }) => this.told.push(name),
      notFound: (keyId) => this.told.push(`not found ${keyId}`),
    };
    this.clients.subscribe(listener);
  }

  /** A new client, named foo, moves in. */
  move(more: Partial<ClientSettings> = {}): LiveClient {
    const name = 'foo';
    const settings = {
      name,
      keyId: tlsKey().keyId,
      fingerprint: '',
      host: '',
      checker: 'true',
      timeout: minutes(5),
      extendedTimeout: minutes(15),
      interval: minutes(2),
      approvalDelay: milliseconds(0),
      approvalDuration: seconds(1),
      approvedByDefault: true,
      enabled: true,
      ...more,
    };
    const lastSign = { bootId: 'boot', boot: 0, wall: 0 };
    const outcome = startClient(
      { kind: 'good', settings, written: {} },
      { kind: 'none' },
      NOT_IN_LEDGER,
      { now: this.clients.now(), bootId: 'boot', lastSign, random: 0.5 },
    );
    assert.ok(outcome.kind === 'client');
    const blob = new Blob(Uint8Array.from(Buffer.from('secret')));
    this.clients.add({ client: outcome.client, blob, written: {} });
    const client = this.clients.live(name);
    assert.ok(client);
    return client;
  }

  [Symbol.dispose](): void {
    this.clients[Symbol.dispose]();
  }
}
