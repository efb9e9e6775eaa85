/**
 * What a secret costs. All servers run and are asked in turns, so that whatever else the machine
 * does meanwhile meets them alike.
 */
import type { TlsKey } from '../test/support/tls-keys.ts';
import { type Figure, median } from './figure.ts';
import { firstSecret, LoadClient } from './load.ts';
import { settledCpu } from './process-tree.ts';
import { clientsConf, type Subject, type SubjectKind } from './subjects.ts';

const ROUNDS = 3;

/** What asking has cost so far, in milliseconds. */
interface Cost {
  cpu: number;
  elapsed: number;
  readonly times: number[];
}

/** Figures by side. The first `count` secrets warm a server up and are told apart. */
export async function measureInTurns(
  kinds: readonly SubjectKind[],
  key: TlsKey,
  count: number,
): Promise<Figure[][]> {
  await using cleanup = new AsyncDisposableStack();
  const client = cleanup.use(new LoadClient(key));
  const sides: { server: Subject; first: Cost; later: Cost }[] = [];
  for (const kind of kinds) {
    const server = cleanup.use(await kind.start(clientsConf([key])));
    await firstSecret(client, server.port);
    sides.push({ server, first: nothing(), later: nothing() });
  }
  const batch = Math.ceil(count / ROUNDS);
  for (const cost of ['first', 'later'] as const) {
    for (let round = 0; round < ROUNDS; round++) {
      for (const side of sides) await ask(side.server, client, batch, side[cost]);
    }
  }
  return sides.map(({ first, later }) => figures(first, later, batch * ROUNDS));
}

function nothing(): Cost {
  return { cpu: 0, elapsed: 0, times: [] };
}

async function ask(server: Subject, client: LoadClient, count: number, cost: Cost): Promise<void> {
  const before = await settledCpu(server.pid);
  const start = performance.now();
  for (let at = 0; at < count; at++) {
    cost.times.push((await client.ask(server.port)) ?? Number.NaN);
  }
  cost.elapsed += performance.now() - start;
  cost.cpu += (await settledCpu(server.pid)) - before;
}

function figures(first: Cost, later: Cost, count: number): Figure[] {
  const { cpu, elapsed, times } = later;
  return [
    {
      name: `CPU per secret, the first ${count}`,
      unit: 'ms',
      value: first.cpu / count,
      better: 'less',
    },
    { name: 'CPU per secret', unit: 'ms', value: cpu / count, better: 'less' },
    { name: 'time per secret (median)', unit: 'ms', value: median(times), better: 'less' },
    { name: 'secrets per second', unit: '/s', value: (count / elapsed) * 1000, better: 'more' },
  ];
}
