/** The network side of a server, inside the test: listener, gate and registry on loopback. */
import type { KeyId } from '../../src/core/key-id.ts';
import { Blob } from '../../src/core/secret.ts';
import { type Duration, milliseconds } from '../../src/core/time.ts';
import type { ServerDeadlines } from '../../src/protocol/server-conversation.ts';
import { Gate } from '../../src/server/gate.ts';
import { Listener } from '../../src/server/listener.ts';
import { Registry } from '../../src/server/registry.ts';
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
}

/** Starts a server on `::`, so that IPv6 and IPv4 peers reach it. */
export async function startServer(options: TestServerOptions): Promise<TestServer> {
  const log = new RecordingLog();
  const registry = new Registry();
  for (const [index, client] of options.clients.entries()) {
    registry.add({
      name: `client${index}`,
      keyId: client.keyId,
      blob: new Blob(Uint8Array.from(client.secret)),
      enabled: client.enabled ?? true,
      approvalDelay: client.approvalDelay ?? milliseconds(0),
      approvedByDefault: client.approvedByDefault ?? true,
    });
  }
  const engines = serverEngines();
  const listener = new Listener({
    secrets: new Gate({ registry, clock: bootClock, log }),
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
    async [Symbol.asyncDispose]() {
      await listener.close();
      engines[Symbol.dispose]();
      registry[Symbol.dispose]();
    },
  };
}
