/** The listener on a real socket: whatever comes, it goes on, and gives nothing away. */
import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { milliseconds } from '../../src/core/time.ts';
import { ask } from '../support/mandos-peer.ts';
import { startServer, type TestServer } from '../support/mandos-server.ts';
import { tlsKey } from '../support/tls-keys.ts';

const key = tlsKey();
const SECRET = 'the blob that nobody without a key sees';
const DEADLINES = {
  handshake: milliseconds(200),
  sending: milliseconds(200),
  leaving: milliseconds(50),
};
/** A real client asks after so many strangers. */
const CHECK_EVERY = 200;

let server: Promise<TestServer> | undefined;
let talks = 0;

/** Says all of it, in up to four pieces, ends, and returns what came back. */
function talk(port: number, input: Uint8Array): Promise<Buffer> {
  return new Promise((resolve) => {
    const received: Buffer[] = [];
    const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true }, () => {
      const piece = Math.max(1, Math.ceil(input.length / (1 + (input.length % 4))));
      for (let from = 0; from < input.length; from += piece) {
        socket.write(input.subarray(from, from + piece));
      }
      socket.end();
    });
    socket.on('data', (bytes: Buffer) => received.push(bytes));
    socket.on('error', () => undefined);
    socket.on('close', () => resolve(Buffer.concat(received)));
  });
}

const SERVER_HELLO =
  '160303007a020000760303' + // a record, a ServerHello
  'cf21ad74e59a6111be1d8c021e65b891c2a211167abb8c5e079e09e2c8a8339c' + // that asks to begin again
  '00130100002e002b0002030400330024001d0020' +
  '00'.repeat(64);

export const target = {
  name: 'listener',
  seeds: [
    Buffer.from('1\r\n'),
    Buffer.concat([Buffer.from('1\r\n'), Buffer.from(SERVER_HELLO, 'hex')]),
    Buffer.concat([Buffer.from('1\r\n'), Buffer.from('15030300020228', 'hex')]),
    Buffer.concat([Buffer.from('1\r\n'), Buffer.from('140303000101', 'hex')]),
    Buffer.from('GET / HTTP/1.1\r\n\r\n'),
  ],
  timeLimit: 5000,
  async run(input: Uint8Array): Promise<void> {
    server ??= startServer({
      clients: [{ keyId: key.keyId, secret: Buffer.from(SECRET) }],
      deadlines: DEADLINES,
    });
    const { port, log } = await server;
    const received = await talk(port, input);
    assert.ok(!received.includes(SECRET));
    const bad = log.lines.find(({ level }) => level === 'critical' || level === 'error');
    assert.equal(bad, undefined, JSON.stringify(bad));
    log.lines.length = 0;
    if (++talks % CHECK_EVERY !== 0) return;
    assert.equal(Buffer.from((await ask(port, key.privatePem)) ?? []).toString(), SECRET);
    log.lines.length = 0;
  },
};
