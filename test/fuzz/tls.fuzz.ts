/** TLS in both roles with damaged flights, and TLS key files. */
import assert from 'node:assert/strict';
import { createPrivateKey } from 'node:crypto';
import { OpenSslError } from '../../src/native/openssl-error.ts';
import type { TlsConnection } from '../../src/native/tls-connection.ts';
import { TlsContext } from '../../src/native/tls-context.ts';
import { TLS_KEY_TYPES, tlsKey } from '../support/tls-keys.ts';

const key = tlsKey();
const serverContext = TlsContext.tlsServer(key.privatePem);
const clientContext = TlsContext.tlsClient();

/** Does it, unless OpenSSL refuses in the way it is known to. */
function attempt<T>(act: () => T): T | undefined {
  try {
    return act();
  } catch (error) {
    if (error instanceof OpenSslError) return undefined;
    throw error;
  }
}

/** Begins a real handshake and lets the input stand for the peer's answer. */
function answerWith(connection: TlsConnection, input: Uint8Array): void {
  attempt(() => connection.handshake());
  const step = attempt(() => {
    connection.receive(input);
    return connection.handshake();
  });
  connection.takeOutput();
  assert.notEqual(step, 'done', 'nobody without a key completes a handshake');
  assert.equal(connection.peerPublicKey(), null);
}

/** A real first flight of each side, to be damaged. */
function flights(): Uint8Array[] {
  using client = clientContext.connection();
  using server = serverContext.connection();
  client.handshake();
  const first = client.takeOutput();
  server.receive(first);
  server.handshake();
  return [first, server.takeOutput()];
}

export const target = {
  name: 'tls',
  seeds: [...flights(), ...TLS_KEY_TYPES.map((type) => tlsKey(type).privatePem)],
  run(input: Uint8Array): void {
    {
      using client = clientContext.connection();
      using server = serverContext.connection();
      answerWith(client, input);
      // The whole first flight of a client is public, so only what follows can be refused.
      attempt(() => {
        server.receive(input);
        return server.handshake();
      });
      server.takeOutput();
    }
    attempt(() => TlsContext.tlsServer(input))?.close();
    // The error queue is left as it was: node:crypto would trip over what is in it.
    createPrivateKey(Buffer.from(key.privatePem));
  },
};
