import assert from 'node:assert/strict';
import { createPrivateKey, generateKeyPairSync, randomBytes } from 'node:crypto';
import { describe, it } from 'node:test';
import { OpenSslError } from '../../src/native/openssl-error.ts';
import type { TlsConnection } from '../../src/native/tls-connection.ts';
import { TlsContext } from '../../src/native/tls-context.ts';
import { countInMemory } from '../support/memory-search.ts';
import { RunningProgram } from '../support/process.ts';
import { inRepository } from '../support/repository.ts';
import { requires } from '../support/requirements.ts';
import { forgedKey, hugeKey, TLS_KEY_TYPES, tlsKey } from '../support/tls-keys.ts';

/** Carries bytes between two connections until both handshakes are done. */
function shakeHands(client: TlsConnection, server: TlsConnection, piece = Infinity): void {
  let clientStep = 'more';
  let serverStep = 'more';
  while (clientStep !== 'done' || serverStep !== 'done') {
    if (clientStep !== 'done') clientStep = client.handshake();
    for (const bytes of pieces(client.takeOutput(), piece)) {
      server.receive(bytes);
      if (serverStep !== 'done') serverStep = server.handshake();
    }
    for (const bytes of pieces(server.takeOutput(), piece)) {
      client.receive(bytes);
      if (clientStep !== 'done') clientStep = client.handshake();
    }
  }
  server.receive(client.takeOutput());
}

function pieces(bytes: Uint8Array, size: number): Uint8Array[] {
  const result: Uint8Array[] = [];
  for (let at = 0; at < bytes.length; at += size) result.push(bytes.subarray(at, at + size));
  return result;
}

function readAll(connection: TlsConnection): { bytes: Uint8Array; last: 'more' | 'end' } {
  const parts: Uint8Array[] = [];
  for (;;) {
    const read = connection.read();
    if (typeof read === 'string') return { bytes: Buffer.concat(parts), last: read };
    parts.push(read);
  }
}

describe('a TLS connection', () => {
  for (const type of TLS_KEY_TYPES) {
    it(`learns the peer's ${type} key and carries bytes`, () => {
      const key = tlsKey(type);
      using serverContext = TlsContext.tlsServer(key.privatePem);
      using clientContext = TlsContext.tlsClient();
      using server = serverContext.connection();
      using client = clientContext.connection();
      assert.equal(client.peerPublicKey(), null);
      shakeHands(client, server);
      assert.deepEqual(client.peerPublicKey(), new Uint8Array(key.publicDer));
      assert.equal(server.peerPublicKey(), null);
      const secret = Buffer.alloc(100_000, 'any bytes ');
      client.write(secret);
      client.shutdown();
      server.receive(client.takeOutput());
      const read = readAll(server);
      assert.ok(Buffer.from(read.bytes).equals(secret));
      assert.equal(read.last, 'end');
    });
  }

  it('exchanges keys with the post-quantum hybrid between two of ours', () => {
    using serverContext = TlsContext.tlsServer(tlsKey().privatePem);
    using clientContext = TlsContext.tlsClient();
    using server = serverContext.connection();
    using client = clientContext.connection();
    shakeHands(client, server);
    assert.equal(client.describe()?.group, 'X25519MLKEM768');
    assert.equal(client.describe()?.version, 'TLSv1.3');
  });

  it('works when every byte comes alone', () => {
    using serverContext = TlsContext.tlsServer(tlsKey().privatePem);
    using clientContext = TlsContext.tlsClient();
    using server = serverContext.connection();
    using client = clientContext.connection();
    shakeHands(client, server, 1);
    assert.equal(server.describe()?.version, 'TLSv1.3');
  });

  it('negotiates only what the restrictions allow', () => {
    const restrictions = { cipherSuites: ['TLS_CHACHA20_POLY1305_SHA256'], groups: ['X448'] };
    using serverContext = TlsContext.tlsServer(tlsKey().privatePem);
    using clientContext = TlsContext.tlsClient(restrictions);
    using server = serverContext.connection();
    using client = clientContext.connection();
    shakeHands(client, server);
    assert.equal(client.describe()?.cipher, 'TLS_CHACHA20_POLY1305_SHA256');
    assert.equal(client.describe()?.group, 'x448');
  });

  it('refuses a certificate larger than any raw public key', () => {
    // The largest that is taken, and one beyond; neither can sign, which comes later.
    for (const [bytes, trouble] of [
      [20_000, /alert internal error/],
      [40_000, /excessive message size/],
    ] as const) {
      using serverContext = TlsContext.tlsServer(hugeKey(bytes));
      using clientContext = TlsContext.tlsClient();
      using server = serverContext.connection();
      using client = clientContext.connection();
      client.handshake();
      server.receive(client.takeOutput());
      assert.throws(() => server.handshake(), OpenSslError);
      client.receive(server.takeOutput());
      assert.throws(() => client.handshake(), trouble);
    }
  });

  it('refuses a peer that shows a key it does not hold', () => {
    using serverContext = TlsContext.tlsServer(forgedKey().pem);
    using clientContext = TlsContext.tlsClient();
    using server = serverContext.connection();
    using client = clientContext.connection();
    assert.throws(() => shakeHands(client, server), OpenSslError);
    assert.equal(client.peerPublicKey(), null);
  });

  it('gives out the alert after a failure, and nothing else any more', () => {
    using clientContext = TlsContext.tlsClient();
    using client = clientContext.connection();
    client.handshake();
    client.takeOutput();
    client.receive(Buffer.from('160303000463000000', 'hex')); // a record with no known message
    assert.throws(() => client.handshake(), OpenSslError);
    assert.equal(client.takeOutput()[0], 21, 'an alert record');
    assert.throws(() => client.handshake(), TypeError);
    assert.throws(() => client.read(), TypeError);
    assert.throws(() => client.write(Buffer.from('x')), TypeError);
    assert.throws(() => client.receive(Buffer.from('x')), TypeError);
  });
});

describe('a closed handle', () => {
  it('is closed once and refuses every use', () => {
    const context = TlsContext.tlsClient();
    const connection = context.connection();
    context.close();
    context.close();
    assert.throws(() => context.connection(), TypeError);
    assert.equal(connection.handshake(), 'more', 'a connection outlives its context');
    connection.close();
    connection.close();
    for (const use of [
      () => connection.receive(Buffer.from('x')),
      () => connection.handshake(),
      () => connection.read(),
      () => connection.write(Buffer.from('x')),
      () => connection.shutdown(),
      () => connection.takeOutput(),
      () => connection.peerPublicKey(),
      () => connection.describe(),
    ]) {
      assert.throws(use, TypeError);
    }
  });
});

describe('memory', () => {
  /** How much more of it there is after so many connections in the middle of their handshake. */
  function growth(connections: number): number {
    using context = TlsContext.tlsClient();
    const before = process.memoryUsage.rss();
    for (let at = 0; at < connections; at++) {
      using connection = context.connection();
      connection.handshake();
    }
    return process.memoryUsage.rss() - before;
  }

  it('of a connection is freed when it is closed', () => {
    growth(500);
    // Each holds 60 kB and more.
    assert.ok(growth(1000) < 20_000_000);
  });

  it('keeps nothing of what was sent and received', requires('root'), async () => {
    const secret = randomBytes(24).toString('hex');
    await using program = RunningProgram.start(
      inRepository('scripts/node'),
      [inRepository('test/native/exchange-program.ts')],
      { input: secret, keepInputOpen: true },
    );
    await program.waitForLine(/^exchanged 48 bytes$/);
    assert.ok(countInMemory(program.pid, Buffer.from('exchange-program')) > 0);
    assert.equal(countInMemory(program.pid, Buffer.from(secret.slice(0, 40))), 0);
  });
});

describe('the OpenSSL error queue', () => {
  it('is empty for node:crypto after each of our failures', () => {
    const pem = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({
      type: 'pkcs8',
      format: 'pem',
    });
    using clientContext = TlsContext.tlsClient();
    const failures = [
      () => TlsContext.tlsServer(Buffer.from('no key')),
      () => TlsContext.tlsServer(Buffer.alloc(0)),
      () => TlsContext.tlsClient({ groups: ['no-such-group'] }),
      () => TlsContext.tlsClient({ cipherSuites: ['NO_SUCH_SUITE'] }),
      () => TlsContext.tlsClient({ signatureAlgorithms: ['no-such-algorithm'] }),
      () => {
        using client = clientContext.connection();
        client.receive(Buffer.from('this is no TLS record'));
        client.handshake();
      },
    ];
    for (const failure of failures) {
      assert.throws(failure, OpenSslError);
      assert.equal(createPrivateKey(pem).asymmetricKeyType, 'rsa');
    }
  });

  it("is not read for another's failure", () => {
    assert.throws(() => createPrivateKey('no key'));
    using context = TlsContext.tlsClient();
    using client = context.connection();
    assert.equal(client.handshake(), 'more');
  });
});

describe('an encrypted private key', () => {
  it('fails instead of asking on the terminal', () => {
    const pem = generateKeyPairSync('ed25519').privateKey.export({
      type: 'pkcs8',
      format: 'pem',
      cipher: 'aes-256-cbc',
      passphrase: 'secret',
    });
    assert.throws(() => TlsContext.tlsServer(Buffer.from(pem)), OpenSslError);
  });
});
