/** What is measured of servers that check their clients, one scenario a function. */
import process from 'node:process';
import { setTimeout as pause } from 'node:timers/promises';
import type { TlsKey } from '../test/support/tls-keys.ts';
import { type BusSnapshot, busSnapshot } from './bus-snapshot.ts';
import { type Figure, median } from './figure.ts';
import { livingClients } from './living-clients.ts';
import { firstSecret, LoadClient } from './load.ts';
import { processTree } from './process-tree.ts';
import type { SubjectKind } from './subjects.ts';

export interface LivingSizes {
  /** How many clients servers are started with. */
  readonly starts: readonly number[];
  /** How many clients live on for a while. */
  readonly lives: readonly number[];
  /** Between two checks of a client, in seconds. */
  readonly interval: number;
  /** How long the second round of checks is watched, in seconds; not longer than `interval`. */
  readonly watch: number;
}

export async function measureLiving(
  kind: SubjectKind,
  key: TlsKey,
  sizes: LivingSizes,
): Promise<Figure[]> {
  using client = new LoadClient(key);
  const figures: Figure[] = [];
  const tooMany = new Set<number>();
  const attempt = async (count: number, measure: () => Promise<Figure[]>): Promise<void> => {
    if (tooMany.has(count)) return;
    try {
      figures.push(...(await measure()));
    } catch (error) {
      // A server that cannot do it has no figure, and the others have.
      process.stderr.write(`${kind.name} gave up with ${count} clients: ${firstLine(error)}\n`);
      tooMany.add(count);
    }
  };
  for (const count of sizes.starts) await attempt(count, () => start(kind, key, client, count));
  for (const count of sizes.lives)
    await attempt(count, () => life(kind, key, client, count, sizes));
  return figures;
}

async function start(
  kind: SubjectKind,
  key: TlsKey,
  client: LoadClient,
  count: number,
): Promise<Figure[]> {
  const clients = livingClients(key, count, 7200);
  const begin = performance.now();
  await using server = await kind.startLiving(clients);
  await firstSecret(client, server.port);
  const time = performance.now() - begin;
  const { memory } = processTree(server.pid);
  const name = `${count} clients`;
  return [
    { name: `${name}: start to first secret`, unit: 'ms', value: time, better: 'less' },
    { name: `${name}: memory then`, unit: 'MB', value: memory / 1e6, better: 'less' },
  ];
}

/** All clients are checked once; then a second round of checks is watched. */
async function life(
  kind: SubjectKind,
  key: TlsKey,
  client: LoadClient,
  count: number,
  { interval, watch }: LivingSizes,
): Promise<Figure[]> {
  await using server = await kind.startLiving(livingClients(key, count, interval));
  await firstSecret(client, server.port);
  await pause(interval * 1000);
  const before = await busSnapshot(server.bus);
  const cpuBefore = processTree(server.pid).cpu;
  const begin = performance.now();
  const secrets: number[] = [];
  while (performance.now() - begin < watch * 1000) {
    secrets.push((await client.ask(server.port)) ?? Number.NaN);
    await pause(250);
  }
  const { cpu, memory } = processTree(server.pid);
  const busy = (cpu - cpuBefore) / (performance.now() - begin);
  const afterwards = await busSnapshot(server.bus);
  const late = lateness(before, afterwards, interval);
  const name = `${count} clients living`;
  return [
    { name: `${name}: locked out`, unit: '', value: count - afterwards.enabled, better: 'less' },
    { name: `${name}: checks watched`, unit: '', value: late.length, better: 'more' },
    { name: `${name}: CPU`, unit: '%', value: busy * 100, better: 'less' },
    { name: `${name}: memory`, unit: 'MB', value: memory / 1e6, better: 'less' },
    { name: `${name}: check late (median)`, unit: 'ms', value: median(late), better: 'less' },
    { name: `${name}: check late (most)`, unit: 'ms', value: late.at(-1) ?? 0, better: 'less' },
    { name: `${name}: secret (median)`, unit: 'ms', value: median(secrets), better: 'less' },
    { name: `${name}: secret (slowest)`, unit: 'ms', value: Math.max(...secrets), better: 'less' },
    { name: `${name}: GetManagedObjects`, unit: 'ms', value: afterwards.time, better: 'less' },
    { name: `${name}: its answer`, unit: 'MB', value: afterwards.bytes / 1e6, better: 'less' },
  ];
}

/** How much later than `interval` after the one before each check was, in order of size. */
function lateness(before: BusSnapshot, afterwards: BusSnapshot, interval: number): number[] {
  const late: number[] = [];
  for (const [path, when] of afterwards.checked) {
    const last = before.checked.get(path);
    if (last !== undefined && when > last) late.push(Math.max(0, when - last - interval * 1000));
  }
  return late.toSorted((one, other) => one - other);
}

function firstLine(error: unknown): string {
  return String(error instanceof Error ? error.message : error).split('\n', 1)[0] ?? '';
}
