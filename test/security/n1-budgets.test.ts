/** N1: no number of peers that stall keeps a real client waiting. */
import assert from 'node:assert/strict';
import type { Socket } from 'node:net';
import { describe, it } from 'node:test';
import { milliseconds } from '../../src/core/time.ts';
import { TlsContext } from '../../src/native/tls-context.ts';
import { helloLimit } from '../../src/protocol/hello.ts';
import { ask, connectTo, untilEnded } from '../support/mandos-peer.ts';
import { startServer } from '../support/mandos-server.ts';
import { tlsKey } from '../support/tls-keys.ts';

const MAX_STRANGERS = 100;

/** A loopback address of its own for each number. */
function addressOf(number: number): string {
  return `127.1.${number >> 8}.${number & 255}`;
}

/** Every way to stall: silent, half a hello, only a hello, half a handshake. */
async function stall(port: number, number: number, halfHandshake: Uint8Array): Promise<Socket> {
  const socket = await connectTo(port, addressOf(number));
  socket.on('error', () => undefined); // it may be cut off at any time
  switch (number % 4) {
    case 1:
      socket.write('1');
      break;
    case 2:
      socket.write('1\r\n');
      break;
    case 3:
      socket.write('1\r\n');
      socket.write(halfHandshake);
      break;
  }
  return socket;
}

describe('N1: budgets', () => {
  it('serves a real client at once among ten times as many stalled peers as it holds', async () => {
    const key = tlsKey();
    const secret = Buffer.from('the blob');
    await using server = await startServer({
      clients: [{ keyId: key.keyId, secret }],
      maxStrangers: MAX_STRANGERS,
    });
    // The first bytes of a TLS server's answer: a record header that promises more than comes.
    const halfHandshake = Buffer.from('160303007a020000760303', 'hex');
    const stalled: Socket[] = [];
    for (let number = 0; number < 10 * MAX_STRANGERS; number++) {
      stalled.push(await stall(server.port, number, halfHandshake));
      if (number % 250 === 0) {
        assert.deepEqual(await ask(server.port, key.privatePem), new Uint8Array(secret));
      }
    }
    assert.deepEqual(await ask(server.port, key.privatePem), new Uint8Array(secret));
    assert.ok(server.listener.connections <= MAX_STRANGERS + 1);
    const gaveWay = server.log.at('info').filter((line) => line.includes('gave way'));
    assert.ok(gaveWay.length >= 9 * MAX_STRANGERS, 'the oldest made room');
    for (const socket of stalled) socket.destroy();
  });

  it('cuts the oldest stalled peer and not the newest', async () => {
    await using server = await startServer({ clients: [], maxStrangers: 2 });
    const [first, second] = [await connectTo(server.port), await connectTo(server.port)];
    const third = await connectTo(server.port);
    await untilEnded(first);
    assert.equal(second.readableEnded, false);
    assert.equal(third.readableEnded, false);
    for (const socket of [first, second, third]) socket.destroy();
  });

  it('does not cut a client whose secret waits for approval', async () => {
    const key = tlsKey();
    await using server = await startServer({
      clients: [
        { keyId: key.keyId, secret: Buffer.from('blob'), approvalDelay: milliseconds(300) },
      ],
      maxStrangers: 2,
    });
    const answer = ask(server.port, key.privatePem);
    while (!server.log.at('info').some((line) => line.includes('waits for approval'))) {
      await new Promise((resolve) => setImmediate(resolve));
    }
    const strangers: Socket[] = [];
    for (let number = 0; number < 10; number++) strangers.push(await connectTo(server.port));
    assert.deepEqual(await answer, new Uint8Array(Buffer.from('blob')));
    for (const socket of strangers) socket.destroy();
  });

  it('reads no hello line longer than its limit', async () => {
    await using server = await startServer({ clients: [] });
    const socket = await connectTo(server.port);
    const ended = untilEnded(socket);
    socket.write(`1${' '.repeat(helloLimit)}`);
    await ended;
    assert.match(server.log.at('info').join('\n'), /too-long/);
  });

  it('takes no more handshake bytes than a handshake has', async () => {
    await using server = await startServer({ clients: [] });
    const socket = await connectTo(server.port);
    const ended = untilEnded(socket);
    socket.write('1\r\n');
    // Records without end of a handshake message that never ends.
    const record = Buffer.concat([Buffer.from('1603034000', 'hex'), Buffer.alloc(0x4000, 0)]);
    record.set([2, 0xff, 0xff, 0xff], 5);
    for (let count = 0; count < 10; count++) socket.write(record);
    await ended;
    assert.match(server.log.at('warning').join('\n'), /handshake/);
  });
});

describe('N1: a TLS server half that is slow to answer', () => {
  it('is served when it answers in the end, byte by byte', async () => {
    const key = tlsKey();
    await using server = await startServer({
      clients: [{ keyId: key.keyId, secret: Buffer.from('blob') }],
    });
    using context = TlsContext.tlsServer(key.privatePem);
    using engine = context.connection();
    const socket = await connectTo(server.port);
    const send = async (bytes: Uint8Array): Promise<void> => {
      for (const byte of bytes) {
        await new Promise((resolve) => socket.write(Uint8Array.of(byte), resolve));
      }
    };
    await send(Buffer.from('1\r\n'));
    const received: Buffer[] = [];
    let established = false;
    for await (const chunk of socket) {
      engine.receive(chunk);
      established ||= engine.handshake() === 'done';
      await send(engine.takeOutput());
      for (;;) {
        const read = established ? engine.read() : 'more';
        if (typeof read === 'string') break;
        received.push(Buffer.from(read));
      }
    }
    socket.destroy();
    assert.equal(Buffer.concat(received).toString(), 'blob');
  });
});
