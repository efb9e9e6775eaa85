/** N4: an approval is for who waits, and an ended connection gets nothing, however late it comes. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import type { Socket } from 'node:net';
import { describe, it } from 'node:test';
import { minutes } from '../../src/core/time.ts';
import { TlsContext } from '../../src/native/tls-context.ts';
import { ask, connectTo } from '../support/mandos-peer.ts';
import { startServer, type TestServer } from '../support/mandos-server.ts';
import { tlsKey } from '../support/tls-keys.ts';

const key = tlsKey();
const approve = { kind: 'approve', approved: true } as const;
const deny = { kind: 'approve', approved: false } as const;

function strictServer(): Promise<TestServer> {
  return startServer({
    clients: [
      {
        keyId: key.keyId,
        secret: Buffer.from('blob'),
        approvalDelay: minutes(60),
        approvedByDefault: false,
      },
    ],
  });
}

/** Waits until so many lines of the log match. */
async function logged(server: TestServer, pattern: RegExp, count = 1): Promise<void> {
  while (server.log.lines.filter(({ message }) => pattern.test(message)).length < count) {
    await new Promise((resolve) => setImmediate(resolve));
  }
}

/** A peer that shakes hands and then waits; what it receives is collected. */
async function waitingPeer(server: TestServer): Promise<{ socket: Socket; received: Buffer[] }> {
  using context = TlsContext.tlsServer(key.privatePem);
  const engine = context.connection();
  const socket = await connectTo(server.port);
  const received: Buffer[] = [];
  let established = false;
  socket.on('error', () => undefined);
  socket.on('data', (bytes: Buffer) => {
    engine.receive(bytes);
    established ||= engine.handshake() === 'done';
    const read = established ? engine.read() : 'more';
    if (read instanceof Uint8Array) received.push(Buffer.from(read));
    socket.write(engine.takeOutput());
  });
  socket.write('1\r\n');
  await logged(server, /waits for approval/);
  return { socket, received };
}

/** The timer that the kernel runs for the server's connection (proc(5), "tr"). */
function timerOf(listening: number): 'retransmit' | 'keepalive' | 'none' {
  const port = listening.toString(16).toUpperCase().padStart(4, '0');
  const lines = readFileSync('/proc/net/tcp6', 'latin1').split('\n');
  const fields = lines.map((line) => line.trim().split(/\s+/));
  const timer = fields.find(([, local, , state]) => local?.endsWith(`:${port}`) && state === '01');
  const kind = timer?.[5]?.slice(0, 2);
  return kind === '01' ? 'retransmit' : kind === '02' ? 'keepalive' : 'none';
}

describe('N4: approval', () => {
  it('gives the secret to who waits when the operator approves', async () => {
    await using server = await strictServer();
    const answer = ask(server.port, key.privatePem);
    await logged(server, /waits for approval/);
    await server.clients.submit('client0', approve);
    assert.equal(Buffer.from((await answer) ?? []).toString(), 'blob');
  });

  it('grants nothing when nobody waits', async () => {
    await using server = await strictServer();
    await server.clients.submit('client0', approve);
    const answer = ask(server.port, key.privatePem);
    await logged(server, /waits for approval/);
    await server.clients.submit('client0', deny);
    assert.equal(await answer, null);
  });

  it('gives an ended connection nothing, however late the approval', async () => {
    await using server = await strictServer();
    const { socket, received } = await waitingPeer(server);
    socket.destroy();
    await logged(server, /left during waiting/);
    await server.clients.submit('client0', approve);
    assert.equal(Buffer.concat(received).length, 0);
    assert.ok(!server.log.at('info').some((line) => line.includes('sending secret')));
    const [client] = server.clients.clients();
    assert.ok(client?.life.kind === 'enabled' && client.life.waiting.length === 0);
  });

  it('lets no more than sixteen connections of one client wait', async () => {
    await using server = await strictServer();
    const answers = Array.from({ length: 16 }, () => ask(server.port, key.privatePem));
    await logged(server, /waits for approval/, 16);
    assert.equal(await ask(server.port, key.privatePem), null, 'the seventeenth is refused');
    await server.clients.submit('client0', deny);
    assert.deepEqual(await Promise.all(answers), Array(16).fill(null));
  });

  it('gives nothing when the client is disabled while it waits', async () => {
    await using server = await strictServer();
    const answer = ask(server.port, key.privatePem);
    await logged(server, /waits for approval/);
    await server.clients.submit('client0', { kind: 'disable' });
    await server.clients.submit('client0', approve);
    assert.equal(await answer, null);
  });

  it('has the system look after peers that vanish without a word', async () => {
    await using server = await strictServer();
    const { socket } = await waitingPeer(server);
    while (timerOf(server.port) === 'retransmit') await new Promise(setImmediate);
    assert.equal(timerOf(server.port), 'keepalive');
    socket.destroy();
  });
});
