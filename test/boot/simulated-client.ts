/** A client with keys, and servers for it, inside the test. */
import { chooseInterfaces } from '../../src/boot/client-option-values.ts';
import type { ClientSettings } from '../../src/boot/client-settings.ts';
import { parseServerAddress } from '../../src/boot/server-address.ts';
import type { ByteStream } from '../../src/core/byte-stream.ts';
import { asciiBytes } from '../../src/core/bytes.ts';
import { CancellationSource } from '../../src/core/cancellation.ts';
import type { KeyId } from '../../src/core/key-id.ts';
import { Blob, Password } from '../../src/core/secret.ts';
import { seconds } from '../../src/core/time.ts';
import { sealPassword } from '../../src/openpgp/seal.ts';
import type { SecretSource } from '../../src/protocol/secret-source.ts';
import { serveConversation } from '../../src/protocol/server-conversation.ts';
import type { ServerEnding } from '../../src/protocol/server-ending.ts';
import { serverEngines, sha256 } from '../../src/system/tls.ts';
import { asOwnKey, makeOwnKey } from '../support/own-key.ts';
import { type TlsKey, tlsKey } from '../support/tls-keys.ts';
import { SimulatedPlatform } from './simulated-platform.ts';

const NOW = new Date('2026-06-01T00:00:00Z');
export const SERVER = '192.0.2.1:4711';
const KEY_FILES = {
  pubkey: '/keys/pubkey.txt',
  seckey: '/keys/seckey.txt',
  tlsPubkey: '/keys/tls-pubkey.pem',
  tlsPrivkey: '/keys/tls-privkey.pem',
} as const;

const openPgp = await makeOwnKey();
const tls: TlsKey = tlsKey();

/** A platform with the client's key files on it. */
export function clientPlatform(): SimulatedPlatform {
  const platform = new SimulatedPlatform();
  const publicPem = `-----BEGIN PUBLIC KEY-----\n${Buffer.from(tls.publicDer).toString('base64')}\n-----END PUBLIC KEY-----\n`;
  platform.files.set(KEY_FILES.pubkey, openPgp.publicKey);
  platform.files.set(KEY_FILES.seckey, openPgp.secretKey);
  platform.files.set(KEY_FILES.tlsPubkey, asciiBytes(publicPem));
  platform.files.set(KEY_FILES.tlsPrivkey, tls.privatePem);
  return platform;
}

export function clientSettings(more: Partial<ClientSettings> = {}): ClientSettings {
  return {
    connect: parseServerAddress(SERVER),
    servers: [],
    interfaces: chooseInterfaces([]),
    keyFiles: KEY_FILES,
    tlsPolicy: { kind: 'default' },
    dh: { bits: null, parametersFile: null },
    delay: seconds(2.5),
    retry: seconds(10),
    networkHookDirectory: '/nonexistent',
    debug: true,
    ...more,
  };
}

/** The blob that gives the client this password. */
export async function seal(content: Uint8Array): Promise<Uint8Array> {
  using key = await asOwnKey(openPgp);
  using password = new Password(content.slice());
  return (await sealPassword(password, key, NOW)).bytes;
}

/** What a server has for the client: a blob, nothing, or an approval that never comes. */
export type Offer = Uint8Array | 'refusal' | 'approval pending';

/** A Mandos server that takes connections on a simulated platform. */
export class SimulatedServer {
  readonly endings: ServerEnding[] = [];
  readonly failures: unknown[] = [];
  offer: Offer;
  readonly #platform: SimulatedPlatform;

  constructor(platform: SimulatedPlatform, offer: Offer) {
    this.#platform = platform;
    this.offer = offer;
  }

  readonly take = (connection: ByteStream): void => {
    const engines = serverEngines();
    const secrets: SecretSource = {
      request: async (keyId: KeyId) => {
        const { offer } = this;
        if (keyId !== tls.keyId || offer === 'refusal') return { kind: 'refused' };
        if (offer === 'approval pending') {
          this.#platform.log.log('debug', 'server: waits for approval');
          return await new Promise<never>(() => undefined);
        }
        return { kind: 'secret', blob: new Blob(offer.slice()) };
      },
      sent: () => undefined,
    };
    serveConversation(connection, 'client', {
      secrets,
      clock: this.#platform.clock,
      deadlines: { handshake: seconds(30), sending: seconds(30), leaving: seconds(2) },
      newEngine: engines.newEngine,
      sha256,
      stop: new CancellationSource(),
    })
      .then(
        (ending) => this.endings.push(ending),
        (error) => this.failures.push(error),
      )
      .finally(() => {
        engines[Symbol.dispose]();
        this.#platform.changed();
      })
      .catch((error) => this.failures.push(error));
  };
}
