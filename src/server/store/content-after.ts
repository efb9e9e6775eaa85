import { NOT_IN_LEDGER } from '../../core/ledger-entry.ts';
import type { StoredClient } from '../../core/stored-client.ts';
import { include } from './ledger-record.ts';
import type { Row } from './row-format.ts';
import type { StartedClients } from './start-clients.ts';
import type { StateContent } from './state-content.ts';

/**
 * What the store would know after a start of the server, without anything being stored. A grace
 * that the start would grant (F3) is not used up: it is for whoever starts next.
 */
export function contentAfter(
  content: StateContent,
  { changes, complete }: Pick<StartedClients, 'changes' | 'complete'>,
): StateContent {
  const rows = new Map(content.rows);
  const summary = {
    names: new Map(content.known),
    complete: content.complete || complete,
    original: { marks: new Set<string>(), written: null },
  };
  for (const { name, row, sealed, ledger } of changes) {
    if (ledger !== null) {
      const entries = [{ name, at: 0, change: ledger }];
      include(summary, { kind: 'changes', entries });
    }
    const before = rows.get(name);
    if (row === null) rows.delete(name);
    else if (row !== undefined) {
      const { entries: ledgerEntries } = summary.names.get(name) ?? NOT_IN_LEDGER;
      rows.set(name, {
        client: { ...row, life: lifeAfter(row, before), ledgerEntries },
        sealed: sealed === undefined ? (before?.sealed ?? null) : sealed,
      });
    }
  }
  return { ...content, rows, known: summary.names, complete: summary.complete };
}

function lifeAfter({ life }: StoredClient, before: Row | undefined): StoredClient['life'] {
  const earlier = before?.client.life;
  if (life.kind !== 'enabled' || earlier?.kind !== 'enabled') return life;
  return { ...life, graceUsed: earlier.graceUsed };
}
