/**
 * Where the ledger and a row differ, because a crash came between the two or because one of
 * them was damaged: what counts (F1, F2).
 *
 * Lock-outs, removals and forgettings are written to the ledger first, additions and
 * enablings to the row first. So after a crash
 *   - a row that the ledger does not know belongs to an addition that was never done,
 *   - a row that is alive and ahead of its locked-out name is an enabling that was never done,
 *   - a row that is alive and behind its locked-out name missed a lock-out that was done.
 */
import type { StoredClient, StoredLife } from '../../core/stored-client.ts';
import type { NameState } from './ledger-record.ts';
import type { Row } from './row-format.ts';

/** The row as it is to be believed; null when the name has none. */
export function strictRow(row: Row, known: NameState | undefined): Row | null {
  const { client } = row;
  if (known === undefined || known.standing === 'unknown') {
    const ahead = client.ledgerEntries - (known?.entries ?? 0);
    // Behind: it was forgotten. Anything else has a past that the ledger ought to know.
    const neverDone = ahead < 0 || (ahead === 1 && isAddition(client));
    return neverDone ? null : lockedOutRow(row, client.ledgerEntries);
  }
  // A row behind the ledger stays recognisable as that: the core believes nothing in it but
  // what is strict.
  const ledgerEntries = Math.min(client.ledgerEntries, known.entries);
  return { ...row, client: { ...client, ledgerEntries, life: stricterLife(client, known) } };
}

/** Whether the client may have been new when its row was written. */
function isAddition({ life }: StoredClient): boolean {
  return life.kind === 'enabled' || (life.kind === 'disabled' && life.reason === 'configured');
}

function stricterLife({ life }: StoredClient, known: NameState): StoredLife {
  switch (known.standing) {
    case 'removed':
      return { kind: 'removed' };
    case 'locked-out':
      if (life.kind !== 'enabled') return life;
      return { kind: 'disabled', reason: known.reason ?? 'state-lost' };
    case 'alive':
    case 'unknown':
      return life;
  }
}

/** The row when nothing can be known about its client any more (F1). */
export function lockedOutRow({ client, sealed }: Row, ledgerEntries: number): Row {
  const life: StoredLife =
    client.life.kind === 'enabled' ? { kind: 'disabled', reason: 'state-lost' } : client.life;
  return { client: { ...client, life, ledgerEntries }, sealed };
}
