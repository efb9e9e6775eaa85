import { once } from 'node:events';
import { createServer, type ListenOptions, type Server } from 'node:net';

/** Below the ports that the kernel gives to whoever names none (ip_local_port_range, ip(7)). */
const FIRST = 10_000;
const LAST = 32_767;

/**
 * A TCP port that nobody listens on at `host`, for a program that listens on it later. The
 * kernel gives it to nobody by itself, and no other test gets it while this process lives.
 */
export async function freePort(host = '127.0.0.1'): Promise<number> {
  for (;;) {
    const port = FIRST + Math.floor(Math.random() * (LAST - FIRST + 1));
    // A name in the abstract namespace goes away with the process, however that ends.
    const claim = await listening({ path: `\0mandos-test-port-${port}` });
    if (claim === undefined) continue;
    claim.unref();
    const server = await listening({ host, port });
    if (server === undefined) continue;
    server.close();
    await once(server, 'close');
    return port;
  }
}

/** Undefined when somebody else listens there. */
async function listening(where: ListenOptions): Promise<Server | undefined> {
  const server = createServer().listen(where);
  try {
    await once(server, 'listening');
    return server;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EADDRINUSE') return undefined;
    throw error;
  }
}
