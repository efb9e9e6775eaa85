/** Takes the state back when the original ran since the store was last open (F1). */
import { MandosError } from '../../core/error.ts';
import type { LedgerEntry } from '../../core/ledger-entry.ts';
import type { StoredMoment } from '../../core/moment.ts';
import { importPickle } from './import-pickle.ts';
import type { WholeStore } from './inspect-store.ts';
import { isStrict } from './ledger-record.ts';
import { isBarrier, type OriginalFile, readOriginalFile } from './original-file.ts';
import type { OriginalEvent } from './original-record.ts';
import type { Row } from './row-format.ts';
import { asidePath, picklePath } from './state-directory.ts';
import { carryOut } from './state-writer.ts';
import { type Reconciled, stricterClient } from './stricter-client.ts';

export interface TakenBack {
  /** All rows of the store as they are now. */
  readonly rows: ReadonlyMap<string, Row>;
  /** What the operator must know. */
  readonly problems: readonly string[];
  /** What happened, for the log. */
  readonly notices: readonly string[];
}

/**
 * A `clients.pickle` that was neither read nor written here is the original's, from a time after
 * the store was last open: the stricter of the two counts, for each client. When it cannot be
 * read, or when the one that was written here is gone, nobody knows who was locked out meanwhile,
 * and everybody is, once.
 *
 * All of it is durable on return; after a crash in between it is done again. Throws when it
 * cannot be written: nobody is to be served then.
 */
export function takeBack(directory: string, store: WholeStore, now: StoredMoment): TakenBack {
  const { marks, written } = store.ledger.summary.original;
  const { rows } = store;
  const left = whatIsLeft(directory);
  const at = Math.round(now.wall);
  const remember = (event: OriginalEvent, mark: string): void => {
    store.ledger.append({ kind: 'original', at, event, mark });
  };
  const allLockedOut = (event: OriginalEvent, mark: string, what: string): TakenBack => {
    lockAllOut(store, at);
    remember(event, mark);
    return { rows, problems: [`${what}: ${ALL_LOCKED_OUT}`], notices: [] };
  };
  switch (left.kind) {
    case 'barrier':
      return { rows, problems: [], notices: [] };
    case 'nothing': {
      if (written === null) return { rows, problems: [], notices: [] };
      const what = `'${picklePath(directory)}' was written for the original's server and is gone`;
      return allLockedOut('lost', written, what);
    }
    case 'file': {
      const { mark, path } = left.file;
      if (marks.has(mark)) {
        if (written !== null) remember('known', mark);
        return { rows, problems: [], notices: [] };
      }
      const theirs = readState(left.file, now);
      if (theirs instanceof MandosError) {
        return allLockedOut('unreadable', mark, theirs.message);
      }
      const clients = [...theirs.rows.values()].map((row) =>
        stricterClient(row, theirs.sign, store, now),
      );
      const changed = write(store, clients, at);
      remember('read', mark);
      return { rows: changed, problems: [], notices: noticesOf(path, clients) };
    }
  }
}

const ALL_LOCKED_OUT =
  'who was locked out meanwhile is unknown, so all clients are locked out; to go on, enable ' +
  'those that may live with mandos-ctl --enable';

type Left =
  | { readonly kind: 'file'; readonly file: OriginalFile }
  | { readonly kind: 'barrier' }
  | { readonly kind: 'nothing' };

/** What the original left; with a barrier in its place, what it had left before that. */
function whatIsLeft(directory: string): Left {
  const file = readOriginalFile(picklePath(directory));
  if (file === null) return { kind: 'nothing' };
  if (!isBarrier(file)) return { kind: 'file', file };
  const aside = readOriginalFile(asidePath(directory));
  return aside === null ? { kind: 'barrier' } : { kind: 'file', file: aside };
}

function readState(
  { path, content }: OriginalFile,
  now: StoredMoment,
): ReturnType<typeof importPickle> | MandosError {
  if (content instanceof MandosError) return content;
  try {
    return importPickle(path, content, now);
  } catch (error) {
    if (error instanceof MandosError) return error;
    throw error;
  }
}

/** The rows as they are afterwards. */
function write(
  store: WholeStore,
  clients: readonly Reconciled[],
  at: number,
): ReadonlyMap<string, Row> {
  const entries = clients.flatMap(({ name, ledger }): LedgerEntry[] =>
    ledger === null ? [] : [{ name, at, change: ledger }],
  );
  const rows = new Map(clients.flatMap(({ name, row }) => (row === null ? [] : [[name, row]])));
  const outcome = carryOut(
    {
      strict: entries.filter(({ change }) => isStrict(change)),
      rows,
      loose: entries.filter(({ change }) => !isStrict(change)),
      complete: false,
      sign: store.sign,
    },
    store,
  );
  if (outcome.kind === 'failed') throw unwritable(outcome.reason);
  return new Map([...store.rows, ...rows]);
}

function lockAllOut(store: WholeStore, at: number): void {
  const alive = [...store.ledger.summary.names.values()].filter(
    ({ standing }) => standing === 'alive',
  );
  const change = { kind: 'locked-out', reason: 'state-lost' } as const;
  // The rows need not be touched: the ledger has gone past them.
  if (alive.length > 0) {
    const entries = alive.map(({ name }) => ({ name, at, change }));
    store.ledger.append({ kind: 'changes', entries });
  }
}

function unwritable(reason: string): MandosError {
  return new MandosError(
    'file-unwritable',
    `cannot write down who was locked out by the original's server: ${reason}`,
    { hint: 'nobody is served before that can be kept; look at the disk and the permissions' },
  );
}

function noticesOf(path: string, clients: readonly Reconciled[]): string[] {
  const quoted = (those: readonly Reconciled[]): string =>
    those.map(({ name }) => JSON.stringify(name)).join(', ');
  const dead = clients.filter(({ ledger }) => ledger !== null && isStrict(ledger));
  const onlyThere = clients.filter((client) => client.onlyThere);
  return [
    `the original's server ran since; '${path}' was read, and the stricter of the two counts`,
    ...(dead.length === 0 ? [] : [`locked out or removed meanwhile: ${quoted(dead)}`]),
    ...(onlyThere.length === 0
      ? []
      : [
          `alive there and locked out here: ${quoted(onlyThere)}; mandos-ctl --enable revives those ` +
            'that may live',
        ]),
  ];
}
