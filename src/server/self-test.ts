/** `mandos --check`: does what the server depends on work on this machine? */
import { generateKeyPairSync } from 'node:crypto';
import { TlsPrivateKey } from '../core/secret.ts';
import type { TlsEngine } from '../protocol/tls-engine.ts';
import { bootClock } from '../system/boot-clock.ts';
import { clientEngines, serverEngines, sha256 } from '../system/tls.ts';

export interface SelfTest {
  readonly name: string;
  /** Throws when it fails. */
  readonly run: () => void;
}

export const SELF_TESTS: readonly SelfTest[] = [
  { name: 'the boot-time clock runs', run: clockRuns },
  { name: 'a TLS 1.3 handshake proves a raw public key', run: handshake },
];

function clockRuns(): void {
  const first = bootClock.now();
  if (!(first > 0 && bootClock.now() >= first)) throw new Error('the clock stands still');
}

function handshake(): void {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  const pem = Buffer.from(privateKey.export({ type: 'pkcs8', format: 'pem' }));
  using key = new TlsPrivateKey(pem);
  using forClient = clientEngines(key, 'self-test key');
  using forServer = serverEngines();
  const client = forClient.newEngine();
  const server = forServer.newEngine();
  try {
    exchange(server, client);
    const proven = server.peerPublicKey();
    const expected = publicKey.export({ type: 'spki', format: 'der' });
    if (proven === null || Buffer.compare(sha256(proven), sha256(expected)) !== 0) {
      throw new Error('another key came out than went in');
    }
  } finally {
    client.close();
    server.close();
  }
}

/** A handshake takes two flights each way; more rounds than that mean that it is stuck. */
const MOST_ROUNDS = 8;

function exchange(server: TlsEngine, client: TlsEngine): void {
  let serverDone = false;
  let clientDone = false;
  for (let round = 0; round < MOST_ROUNDS; round++) {
    serverDone ||= server.handshake() === 'done';
    client.receive(server.takeOutput());
    clientDone ||= client.handshake() === 'done';
    server.receive(client.takeOutput());
    if (serverDone && clientDone) return;
  }
  throw new Error('the handshake does not end');
}
