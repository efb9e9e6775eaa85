/**
 * The state directory, `/var/lib/mandos`:
 *
 *     state-of-mandos    the marker of F1: there has been a store here
 *     store-N/           the store: `ledger` and `clients.sqlite`
 *     damaged-N/         a store that was damaged and replaced, for whoever wants to look
 *     old-ledger-N       what was in the ledger before it was compacted
 *     clients.pickle     the original's state: read when it is a new one, and left alone; written
 *                        for the original when its time comes again
 *     clients.pickle.aside   what was there, when a barrier had to take its place
 *
 * A store gets its name when it is complete on the disk, with one rename: that is when it
 * takes the place of the one with the next lower number (F2).
 */
import { mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { createPrivateFile, exists, syncDirectory } from '../../system/private-file.ts';
import { Database, type DatabaseChange } from './database.ts';
import { LedgerFile } from './ledger-file.ts';
import type { LedgerRecord } from './ledger-record.ts';

const MARKER = 'state-of-mandos';
const UNFINISHED = 'store.new';
const TRACE = /^(?:store|damaged|old-ledger)-([1-9][0-9]{0,8})$/;

const MARKER_TEXT = `In this directory the mandos server keeps who is alive and who is locked out.
When the rest of it is lost, this file tells the server not to begin anew, which would bring
locked-out clients back to life. To begin anew, stop the server and empty the directory.
`;

/** What is in a state directory. */
export interface StateListing {
  /** Whether there has ever been a store here. */
  readonly used: boolean;
  /** The number of the store in force; null when there is none. */
  readonly current: number | null;
  /** A number that no store here has had. */
  readonly next: number;
}

export function listState(directory: string): StateListing {
  const names = readdirSync(directory);
  const numbers = names.flatMap((name) => {
    const digits = TRACE.exec(name)?.[1];
    return digits === undefined
      ? []
      : [{ number: Number(digits), store: name.startsWith('store') }];
  });
  const stores = numbers.filter(({ store }) => store).map(({ number }) => number);
  return {
    used: names.includes(MARKER) || numbers.length > 0,
    current: stores.length === 0 ? null : Math.max(...stores),
    next: Math.max(0, ...numbers.map(({ number }) => number)) + 1,
  };
}

export function ledgerPath(directory: string, number: number): string {
  return join(directory, `store-${number}`, 'ledger');
}

export function databasePath(directory: string, number: number): string {
  return join(directory, `store-${number}`, 'clients.sqlite');
}

/** Where a damaged store goes when it is replaced. */
export function damagedPath(directory: string, number: number): string {
  return join(directory, `damaged-${number}`);
}

export function picklePath(directory: string): string {
  return join(directory, 'clients.pickle');
}

/** Where the original's state is kept while a barrier lies in its place. */
export function asidePath(directory: string): string {
  return `${picklePath(directory)}.aside`;
}

/** Makes store number `number` and puts it in force. When it throws, nothing has changed. */
export function makeStore(
  directory: string,
  number: number,
  records: readonly LedgerRecord[],
  content: DatabaseChange,
): void {
  const unfinished = join(directory, UNFINISHED);
  rmSync(unfinished, { recursive: true, force: true });
  mkdirSync(unfinished, { mode: 0o700 });
  LedgerFile.create(join(unfinished, 'ledger'), records);
  Database.create(join(unfinished, 'clients.sqlite'), content);
  syncDirectory(unfinished);
  renameSync(unfinished, join(directory, `store-${number}`));
  syncDirectory(directory);
}

/** What happens to a store that another one has replaced. */
export type Replaced = 'damaged' | 'compacted';

/**
 * Sees to it that there is a marker and no store but number `current`. Harmless when it is
 * interrupted and done again.
 */
export function tidyState(directory: string, current: number, replaced: Replaced): void {
  const marker = join(directory, MARKER);
  if (!exists(marker)) createPrivateFile(marker, Buffer.from(MARKER_TEXT));
  rmSync(join(directory, UNFINISHED), { recursive: true, force: true });
  for (const name of readdirSync(directory)) {
    const number = Number(TRACE.exec(name)?.[1]);
    if (!name.startsWith('store-') || !(number < current)) continue;
    const store = join(directory, name);
    switch (replaced) {
      case 'damaged':
        renameSync(store, damagedPath(directory, number));
        break;
      case 'compacted':
        renameSync(join(store, 'ledger'), join(directory, `old-ledger-${number}`));
        rmSync(store, { recursive: true });
        break;
    }
  }
  syncDirectory(directory);
}
