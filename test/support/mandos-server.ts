/** The serving side of a server, inside the test: listener, gate and clients on loopback. */
import type { ClientSettings } from '../../src/core/client-settings.ts';
import { startClient } from '../../src/core/client-start.ts';
import type { KeyId } from '../../src/core/key-id.ts';
import { NOT_IN_LEDGER } from '../../src/core/ledger-entry.ts';
import { Blob } from '../../src/core/secret.ts';
import { type Duration, milliseconds, minutes } from '../../src/core/time.ts';
import type { ServerDeadlines } from '../../src/protocol/server-phases.ts';
import { clientNews } from '../../src/server/client-news.ts';
import { noStore } from '../../src/server/client-saver.ts';
import { Gate } from '../../src/server/gate.ts';
import { Listener } from '../../src/server/listener.ts';
import { LiveClients } from '../../src/server/live-clients.ts';
import { bootClock } from '../../src/system/boot-clock.ts';
import { listeningSocket } from '../../src/system/listening-socket.ts';
import { serverEngines, sha256 } from '../../src/system/tls.ts';
import { RecordingLog } from './recording-log.ts';

export interface TestClient {
  readonly keyId: KeyId;
  readonly secret: Uint8Array;
  readonly enabled?: boolean;
  readonly approvalDelay?: Duration;
  readonly approvedByDefault?: boolean;
}

export interface TestServerOptions {
  readonly clients: readonly TestClient[];
  readonly maxStrangers?: number;
  readonly deadlines?: ServerDeadlines;
}

export interface TestServer extends AsyncDisposable {
  readonly port: number;
  readonly log: RecordingLog;
  readonly listener: Listener;
  readonly clients: LiveClients;
}

const SETTINGS: Omit<ClientSettings, 'name' | 'keyId'> = {
  fingerprint: '',
  host: 'localhost',
  checker: 'true',
  timeout: minutes(5),
  extendedTimeout: minutes(15),
  interval: minutes(2),
  approvalDelay: milliseconds(0),
  approvalDuration: milliseconds(1000),
  approvedByDefault: true,
  enabled: true,
};

/** Living clients that nobody checks and nobody stores. */
export function testClients(clients: readonly TestClient[], log: RecordingLog): LiveClients {
  const live = new LiveClients({
    saver: noStore,
    checks: { start: () => undefined, stop: () => undefined },
    clock: bootClock,
    wallClock: Date.now,
    bootId: 'test',
    sleep: { take: () => null },
    random: () => 0.5,
    log,
  });
  live.subscribe(clientNews(log));
  const lastSign = { bootId: 'test', boot: 0, wall: 0 };
  for (const [index, { secret, ...wanted }] of clients.entries()) {
    const settings = { ...SETTINGS, ...wanted, name: `client${index}` };
    const outcome = startClient(
      { kind: 'good', settings, written: {} },
      { kind: 'none' },
      NOT_IN_LEDGER,
      { now: live.now(), bootId: 'test', lastSign, random: 0.5 },
    );
    if (outcome.kind !== 'client') throw new Error('a new client is a client');
    const blob = new Blob(Uint8Array.from(secret));
    live.add({ client: outcome.client, blob, written: {} });
  }
  return live;
}

/** Starts a server on `::`, so that IPv6 and IPv4 peers reach it. */
export async function startServer(options: TestServerOptions): Promise<TestServer> {
  const log = new RecordingLog();
  const clients = testClients(options.clients, log);
  const engines = serverEngines();
  const listener = new Listener({
    secrets: new Gate({ clients, log }),
    clock: bootClock,
    log,
    newEngine: engines.newEngine,
    sha256,
    maxStrangers: options.maxStrangers ?? 2048,
    ...(options.deadlines === undefined ? {} : { deadlines: options.deadlines }),
  });
  const port = await listener.start(
    listeningSocket({
      family: 'ipv6',
      address: null,
      port: 0,
      interface: null,
      backlog: 4096,
      warn: (message) => log.log('error', message),
    }),
  );
  return {
    port,
    log,
    listener,
    clients,
    async [Symbol.asyncDispose]() {
      await listener.close();
      engines[Symbol.dispose]();
      clients[Symbol.dispose]();
    },
  };
}
