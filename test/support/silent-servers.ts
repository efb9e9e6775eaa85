/**
 * Announces as many Mandos servers as it is told (`COUNT FIRST-PORT`) that take connections
 * and never say anything, until TERM. Writes "announced" when all of them are.
 */
import { createServer } from 'node:net';
import process from 'node:process';
import { bootClock } from '../../src/system/boot-clock.ts';
import { OwnAnnouncer } from '../../src/zeroconf/announcer-node.ts';

const [, , count = '', firstPort = ''] = process.argv;
const { promise: stopped, resolve: stop } = Promise.withResolvers<void>();
process.on('SIGTERM', stop);
await using announcements = new AsyncDisposableStack();
const log = { log: () => undefined };
const all = Array.from({ length: Number(count) }, async (_, index) => {
  const port = Number(firstPort) + index;
  const server = createServer((socket) => socket.on('error', () => undefined));
  server.listen(port, '::');
  announcements.defer(() => {
    server.close();
  });
  const { promise: announced, resolve } = Promise.withResolvers<void>();
  const service = {
    ...{ name: `silent ${index}`, port, interface: null, address: null },
    families: ['ipv6'] as const,
  };
  announcements.use(
    await new OwnAnnouncer(log, bootClock).announce(service, {
      renamed: () => undefined,
      announced: () => resolve(),
    }),
  );
  await announced;
});
await Promise.all(all);
process.stdout.write('announced\n');
await stopped;
process.exit(0);
