/** What is measured of each server, one scenario a function. */
import type { TlsKey } from '../test/support/tls-keys.ts';
import { type Figure, median } from './figure.ts';
import { firstSecret, LoadClient, stalledPeers } from './load.ts';
import { processTree, settledCpu } from './process-tree.ts';
import { clientsConf, type SubjectKind } from './subjects.ts';

export async function measureServer(
  kind: SubjectKind,
  keys: readonly TlsKey[],
  crowd: number,
): Promise<Figure[]> {
  const [first] = keys;
  if (first === undefined) throw new RangeError('at least one key');
  using client = new LoadClient(first);
  return [
    ...(await startUp(kind, keys.slice(0, 1), client)),
    ...(await amongStalledPeers(kind, keys.slice(0, 1), client, crowd)),
    ...(await storm(kind, keys)),
  ];
}

async function startUp(
  kind: SubjectKind,
  keys: readonly TlsKey[],
  client: LoadClient,
): Promise<Figure[]> {
  const times: number[] = [];
  let cpu = 0;
  let memory = 0;
  for (let run = 0; run < 5; run++) {
    const start = performance.now();
    await using server = await kind.start(clientsConf(keys));
    await firstSecret(client, server.port);
    times.push(performance.now() - start);
    const figures = processTree(server.pid);
    cpu = figures.cpu;
    memory = figures.memory;
  }
  return [
    { name: 'start to first secret', unit: 'ms', value: median(times), better: 'less' },
    { name: 'CPU of a start', unit: 'ms', value: cpu, better: 'less' },
    { name: 'memory at rest', unit: 'MB', value: memory / 1e6, better: 'less' },
  ];
}

async function amongStalledPeers(
  kind: SubjectKind,
  keys: readonly TlsKey[],
  client: LoadClient,
  count: number,
): Promise<Figure[]> {
  await using server = await kind.start(clientsConf(keys));
  await firstSecret(client, server.port);
  const peers = await stalledPeers(server.port, count);
  const times: number[] = [];
  for (let at = 0; at < 10; at++) times.push((await client.ask(server.port)) ?? Number.NaN);
  const { memory, processes } = processTree(server.pid);
  for (const peer of peers) peer.destroy();
  const among = `among ${count} stalled peers`;
  return [
    { name: `time per secret ${among}`, unit: 'ms', value: median(times), better: 'less' },
    { name: `memory ${among}`, unit: 'MB', value: memory / 1e6, better: 'less' },
    { name: `processes ${among}`, unit: '', value: processes, better: 'less' },
  ];
}

async function storm(kind: SubjectKind, keys: readonly TlsKey[]): Promise<Figure[]> {
  await using server = await kind.start(clientsConf(keys));
  const clients = keys.map((key) => new LoadClient(key));
  const [first] = clients;
  if (first !== undefined) await firstSecret(first, server.port);
  const before = await settledCpu(server.pid);
  let peak = 0;
  const watch = setInterval(() => {
    peak = Math.max(peak, processTree(server.pid).memory);
  }, 200);
  const start = performance.now();
  const answers = await Promise.all(clients.map((client) => client.ask(server.port)));
  const elapsed = performance.now() - start;
  clearInterval(watch);
  peak = Math.max(peak, processTree(server.pid).memory);
  const cpu = (await settledCpu(server.pid)) - before;
  for (const client of clients) client[Symbol.dispose]();
  const served = answers.filter((answer) => answer !== null).length;
  const name = `storm of ${keys.length}`;
  return [
    { name: `${name}: served`, unit: '', value: served, better: 'more' },
    { name: `${name}: until the last`, unit: 'ms', value: elapsed, better: 'less' },
    {
      name: `${name}: CPU per secret`,
      unit: 'ms',
      value: cpu / Math.max(1, served),
      better: 'less',
    },
    { name: `${name}: peak memory`, unit: 'MB', value: peak / 1e6, better: 'less' },
  ];
}
