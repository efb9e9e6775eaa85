/**
 * Announces a service until TERM (`announce NAME PORT`), or tells what servers it finds
 * (`browse`), one line of JSON for each event. The announced port is listened on.
 */
import { createServer } from 'node:net';
import process from 'node:process';
import { bootClock } from '../../src/system/boot-clock.ts';
import { isPortTaken } from '../../src/system/multicast-socket.ts';
import { OwnAnnouncer } from '../../src/zeroconf/announcer-node.ts';
import { browse } from '../../src/zeroconf/browser-node.ts';

const tell = (event: Readonly<Record<string, unknown>>): void => {
  process.stdout.write(`${JSON.stringify(event)}\n`);
};
const log = { log: (level: string, message: string) => tell({ kind: 'log', level, message }) };
const families = ['ipv6', 'ipv4'] as const;
const { promise: stopped, resolve: stop } = Promise.withResolvers<void>();
process.on('SIGTERM', stop);

async function announce(name: string, port: number): Promise<void> {
  const listening = createServer((socket) => {
    tell({ kind: 'connection', from: socket.remoteAddress });
    socket.destroy();
  });
  listening.listen(port, '::');
  const service = { name, port, interface: null, families, address: null };
  await using announcement = await new OwnAnnouncer(log, bootClock).announce(service, {
    renamed: (name) => tell({ kind: 'renamed', name }),
    announced: (where) => tell({ kind: 'announced', interface: where, name: announcement.name }),
  });
  await stopped;
  listening.close();
}

async function search(): Promise<void> {
  const options = { wanted: () => true, families, log, clock: bootClock };
  await using _search = await browse(options, tell);
  await stopped;
}

const [, , task, name = '', port = ''] = process.argv;
try {
  await (task === 'announce' ? announce(name, Number(port)) : search());
} catch (error) {
  tell({ kind: 'failed', portTaken: isPortTaken(error), message: String(error) });
  process.exitCode = 1;
}
