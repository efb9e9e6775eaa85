/** N5: whatever does not speak the protocol costs a log line at most, and leaks nothing. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { createSecureContext, type SecureVersion, TLSSocket } from 'node:tls';
import { ask, connectTo, untilEnded } from '../support/mandos-peer.ts';
import { startServer, type TestServer } from '../support/mandos-server.ts';
import { tlsKey } from '../support/tls-keys.ts';

let certificate: { readonly key: Buffer; readonly cert: Buffer };

before(() => {
  const folder = mkdtempSync(join(tmpdir(), 'mandos-test-'));
  try {
    const key = join(folder, 'key.pem');
    const cert = join(folder, 'cert.pem');
    execFileSync(
      'openssl',
      [
        ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'],
        ...['-subj', '/CN=client', '-days', '2', '-keyout', key, '-out', cert],
      ],
      { stdio: 'ignore' },
    );
    certificate = { key: readFileSync(key), cert: readFileSync(cert) };
  } finally {
    rmSync(folder, { recursive: true });
  }
});

async function say(port: number, ...parts: readonly (string | Uint8Array)[]): Promise<void> {
  const socket = await connectTo(port);
  socket.on('error', () => undefined);
  for (const part of parts) socket.write(part);
  socket.end();
  await untilEnded(socket);
}

/** A TLS server with a certificate, as every ordinary one is. */
async function certified(port: number, maxVersion: SecureVersion): Promise<void> {
  const socket = await connectTo(port);
  socket.on('error', () => undefined);
  socket.write('1\r\n');
  const secureContext = createSecureContext({ ...certificate, maxVersion });
  const tls = new TLSSocket(socket, { isServer: true, secureContext });
  await untilEnded(tls);
  socket.destroy();
}

const NONSENSE: Readonly<Record<string, (port: number) => Promise<void>>> = {
  'no byte at all': (port) => say(port),
  'random bytes': (port) => say(port, randomBytes(3000)),
  'random bytes after a hello': (port) => say(port, '1\r\n', randomBytes(3000)),
  'a version we do not speak': (port) => say(port, '2\r\n'),
  'an empty line': (port) => say(port, '\r\n'),
  'plain HTTP': (port) => say(port, 'GET / HTTP/1.1\r\nHost: mandos\r\n\r\n'),
  'plain HTTP after a hello': (port) => say(port, '1\r\n', 'GET / HTTP/1.1\r\n\r\n'),
  SSH: (port) => say(port, 'SSH-2.0-OpenSSH_9.2\r\n'),
  'a TLS client': (port) => say(port, '1\r\n', Buffer.from('16030100050100000100', 'hex')),
  'half a handshake': (port) => say(port, '1\r\n', Buffer.from('160303007a0200', 'hex')),
  'a peer with an X.509 certificate': (port) => certified(port, 'TLSv1.3'),
  'a peer with TLS 1.2': (port) => certified(port, 'TLSv1.2'),
};

describe('N5: garbage', () => {
  const key = tlsKey();
  let server: TestServer;
  before(async () => {
    server = await startServer({ clients: [{ keyId: key.keyId, secret: Buffer.from('blob') }] });
  });
  after(async () => {
    await server[Symbol.asyncDispose]();
  });

  for (const [name, talk] of Object.entries(NONSENSE)) {
    it(`costs a log line at most: ${name}`, async () => {
      const before = server.log.lines.length;
      await talk(server.port);
      while (server.listener.connections > 0) await new Promise((done) => setImmediate(done));
      const lines = server.log.lines.slice(before).filter((line) => line.level !== 'debug');
      assert.ok(lines.length <= 1, JSON.stringify(lines));
      assert.ok(!lines.some((line) => line.level === 'critical' || line.level === 'error'));
      assert.ok(!lines.some((line) => line.message.includes('sending secret')));
    });
  }

  it('leaves no descriptor and no connection behind after hundreds of them', async () => {
    const talks = Object.values(NONSENSE);
    const round = async (): Promise<void> => {
      await Promise.all(talks.map((talk) => talk(server.port)));
      while (server.listener.connections > 0) await new Promise((done) => setImmediate(done));
    };
    const descriptors = (): number => readdirSync('/proc/self/fd').length;
    await round();
    const before = descriptors();
    for (let count = 0; count < 25; count++) await round();
    assert.ok(descriptors() <= before, `${descriptors()} descriptors, ${before} before`);
    assert.equal(Buffer.from((await ask(server.port, key.privatePem)) ?? []).toString(), 'blob');
  });
});
