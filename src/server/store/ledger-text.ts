/** The ledger as people read it: who was locked out, enabled, added and removed, and when. */

import { ExitStatus, MandosError } from '../../core/error.ts';
import type { LedgerChange } from '../../core/ledger-entry.ts';
import { readLedger } from './ledger-format.ts';
import type { LedgerRecord, NameState } from './ledger-record.ts';
import type { OriginalEvent } from './original-record.ts';
import { ledgerPath, listState } from './state-directory.ts';
import { readWholeFile } from './whole-file.ts';

/**
 * A line for each entry of the ledger in the state directory, oldest first, and one for
 * anything that is wrong with it. Throws `MandosError` when there is none or it cannot be read.
 */
export function ledgerLines(directory: string): string[] {
  const current = currentStore(directory);
  const bytes = current === null ? null : readWholeFile(ledgerPath(directory, current));
  if (bytes === null) {
    throw new MandosError('file-missing', `there is no ledger in '${directory}'`);
  }
  const { records, state } = readLedger(bytes);
  const lines = records.flatMap(recordLines);
  switch (state.kind) {
    case 'whole':
      return lines;
    case 'torn':
      return [...lines, '(the next line was being written when the server or the machine stopped)'];
    case 'damaged':
      return [...lines, `(the ledger is damaged from here on: ${state.what})`];
  }
}

function currentStore(directory: string): number | null {
  try {
    return listState(directory).current;
  } catch (cause) {
    const message = `cannot look into '${directory}'`;
    throw new MandosError('file-unreadable', message, { exitCode: ExitStatus.noInput, cause });
  }
}

function recordLines(record: LedgerRecord): string[] {
  switch (record.kind) {
    case 'begun':
      return [line(record.at, null, `ledger begun (${record.origin})`)];
    case 'summary':
      return record.states.map((state) => line(record.at, state.name, stateText(state)));
    case 'changes':
      return record.entries.map(({ at, name, change }) => line(at, name, changeText(change)));
    case 'complete':
      return [line(record.at, null, 'unknown names are new clients from here on')];
    case 'original':
      return [line(record.at, null, originalText(record.event))];
  }
}

function line(at: number, name: string | null, text: string): string {
  const time = Number.isNaN(new Date(at).valueOf()) ? `at ${at}` : new Date(at).toISOString();
  return name === null ? `${time}  ${text}` : `${time}  ${JSON.stringify(name)} ${text}`;
}

function stateText({ standing, reason }: NameState): string {
  return `known before as ${standing}${reason === null ? '' : ` (${reason})`}`;
}

function originalText(event: OriginalEvent): string {
  switch (event) {
    case 'read':
      return 'clients.pickle read';
    case 'unreadable':
      return 'clients.pickle cannot be read, all clients are locked out';
    case 'lost':
      return 'clients.pickle is gone since the original took it, all clients are locked out';
    case 'written':
      return 'clients.pickle written, for the original to go on from';
    case 'known':
      return 'clients.pickle was read or written before';
  }
}

function changeText(change: LedgerChange): string {
  switch (change.kind) {
    case 'added':
      return change.enabled ? 'added' : 'added, not enabled';
    case 'locked-out':
      return `locked out (${change.reason})`;
    case 'enabled':
      return `enabled (${change.by})`;
    case 'removed':
      return 'removed';
    case 'forgotten':
      return `forgotten (${change.why})`;
  }
}
