/** Mandos clients, good and bad, as the test's own sockets. */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { TlsPrivateKey } from '../../src/core/secret.ts';
import { seconds } from '../../src/core/time.ts';
import { askServer } from '../../src/protocol/client-conversation.ts';
import { bootClock } from '../../src/system/boot-clock.ts';
import { SocketStream } from '../../src/system/socket-stream.ts';
import { clientEngines } from '../../src/system/tls.ts';

/** A connected socket. `from` is a loopback address to come from. */
export async function connectTo(port: number, from = '127.0.0.1'): Promise<Socket> {
  const socket = connect({ port, host: '127.0.0.1', localAddress: from, allowHalfOpen: true });
  await once(socket, 'connect');
  return socket;
}

/** Drops whatever comes until the server has ended the connection, in order or not. */
export async function untilEnded(socket: Socket): Promise<void> {
  await new Promise<void>((resolve) => {
    socket.on('error', () => resolve());
    socket.on('end', () => resolve());
    socket.on('close', () => resolve());
    socket.resume();
    if (socket.destroyed || socket.readableEnded) resolve();
  });
  socket.destroy();
}

/** Asks as a real client does; the blob's bytes, or null when refused. */
export async function ask(
  port: number,
  privatePem: Uint8Array,
  from?: string,
): Promise<Uint8Array | null> {
  using key = new TlsPrivateKey(Uint8Array.from(privatePem));
  using engines = clientEngines(key, 'test key');
  const socket = await connectTo(port, from);
  const ending = await askServer(new SocketStream(socket), {
    clock: bootClock,
    handshakeDeadline: seconds(60),
    receiveDeadline: seconds(60),
    newEngine: engines.newEngine,
  });
  if (ending.kind === 'refused') return null;
  return ending.blob.bytes;
}
