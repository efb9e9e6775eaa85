/**
 * A program that changes clients at random through the store, as the server does, until it is
 * killed; it tells what it asks for and what is durable. Arguments: directory, seed.
 */
import { writeSync } from 'node:fs';
import process from 'node:process';
import { parseClientsConf } from '../../../src/config/clients-conf.ts';
import { silentLog } from '../../../src/core/log.ts';
import type { StoredClient } from '../../../src/core/stored-client.ts';
import { startClients } from '../../../src/server/store/start-clients.ts';
import { Store } from '../../../src/server/store/store.ts';
import { memoryFiles } from '../../config/memory-files.ts';
import { Random } from '../../fuzz/random.ts';
import { BOOT, confOf, storedAt, storyMoment } from './state-world.ts';

export const KILL_NAMES = ['a', 'b', 'c', 'd', 'e', 'f'] as const;
export const KILL_CONF = confOf(...KILL_NAMES);

let lines = 0;
const tell = (text: string): number => writeSync(1, `${lines++} ${text}\n`);

async function live(directory: string, seed: number): Promise<void> {
  const random = new Random(seed);
  const at = 10 + seed;
  const now = () => storedAt(at);
  tell('opening');
  const { store, content } = await Store.open({ directory, now, log: silentLog });
  const conf = parseClientsConf('clients.conf', Buffer.from(KILL_CONF), memoryFiles());
  const { changes } = await startClients(conf, content, {
    ...{ now: storyMoment(at), bootId: BOOT, random: () => 0.5, restore: true },
  });
  await store.save(changes);
  const rows = new Map<string, StoredClient>();
  for (const { name, row } of changes) if (row) rows.set(name, row);
  tell('ready');
  for (;;) {
    const wanted = Array.from({ length: 1 + random.below(3) }, async () => {
      const name = random.pick(KILL_NAMES) ?? 'a';
      const row = rows.get(name);
      if (row === undefined) return;
      const enable = random.below(2) === 1;
      const reason = 'expired';
      const life: StoredClient['life'] = enable
        ? { kind: 'enabled', left: 7_200_000, graceUsed: true }
        : { kind: 'disabled', reason };
      tell(`begin ${name} ${life.kind}`);
      await store.save([
        {
          name,
          row: { ...row, life },
          ledger: enable ? { kind: 'enabled', by: 'd-bus' } : { kind: 'locked-out', reason },
        },
      ]);
      tell(`done ${name} ${life.kind}`);
    });
    await Promise.all(wanted);
  }
}

const [, program, directory, seed] = process.argv;
if (program === import.meta.filename && directory !== undefined)
  await live(directory, Number(seed));
