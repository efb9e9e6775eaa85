import { utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  dict,
  type Fields,
  settingsFields,
  time,
} from '../../../src/server/store/original-fields.ts';
import type { PickleValue } from '../../../src/server/store/pickle-value.ts';
import { writePickle } from '../../../src/server/store/pickle-writer.ts';
import { storedAt } from './state-world.ts';

/** What the original knows of a client; `expired` is enabled until a moment that has passed. */
export type LifeThere = 'alive' | 'dead' | 'expired' | 'removed';

/**
 * Leaves a `clients.pickle` as the original writes it when it stops, `seconds` into the story.
 * @param enabledInFile what clients.conf said when it ran
 */
export function originalLeaves(
  directory: string,
  seconds: number,
  lives: Readonly<Record<string, LifeThere>>,
  enabledInFile: (name: string) => boolean = () => true,
): void {
  const { wall } = storedAt(seconds);
  const clients = new Map<string, PickleValue>();
  const settings = new Map<string, PickleValue>();
  for (const [name, life] of Object.entries(lives)) {
    const common = settingsFields({
      ...{ keyId: null, fingerprint: '', host: 'of the original', checker: 'true' },
      ...{ timeout: 7_200_000, extendedTimeout: 7_200_000, interval: 3_600_000 },
      ...{ approvalDelay: 0, approvalDuration: 1000, approvedByDefault: true },
    });
    settings.set(name, dict({ ...common, enabled: enabledInFile(name), last_checker_status: -2 }));
    if (life !== 'removed') clients.set(name, dict({ ...common, ...fieldsOf(name, life, wall) }));
  }
  const path = join(directory, 'clients.pickle');
  writeFileSync(path, writePickle({ kind: 'tuple', items: [dict(clients), dict(settings)] }));
  utimesSync(path, wall / 1000, wall / 1000);
}

function fieldsOf(name: string, life: LifeThere, wall: number): Fields {
  const expires = { alive: wall + 3_600_000, expired: wall - 1000, dead: null, removed: null };
  return {
    name,
    encrypted_secret: { kind: 'bytes', text: '' },
    enabled: life === 'alive' || life === 'expired',
    expires: time(expires[life]),
    created: time(wall),
    ...{ last_enabled: null, last_checked_ok: null, last_approval_request: null },
    last_checker_status: 0,
  };
}
