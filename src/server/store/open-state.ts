/** Opens the state directory, whatever is in it, so that nobody comes back to life (F1). */
import { randomBytes } from 'node:crypto';
import { ExitStatus, MandosError } from '../../core/error.ts';
import type { StoredMoment } from '../../core/moment.ts';
import { ensurePrivateDirectory } from '../../system/private-file.ts';
import type { Database } from './database.ts';
import { importPickle } from './import-pickle.ts';
import { inspectStore, type WholeStore } from './inspect-store.ts';
import type { LedgerFile } from './ledger-file.ts';
import { readOriginalFile } from './original-file.ts';
import type { OriginalEvent, OriginalRecord } from './original-record.ts';
import { compactedImage, emptyImage, repairedImage, type StateImage } from './replacement-state.ts';
import type { Row } from './row-format.ts';
import type { StateContent } from './state-content.ts';
import {
  damagedPath,
  listState,
  makeStore,
  picklePath,
  type Replaced,
  tidyState,
} from './state-directory.ts';
import { strictRow } from './strict-row.ts';
import { takeBack } from './take-back.ts';

export interface OpenState {
  readonly content: StateContent;
  /** The store's own name. */
  readonly store: string;
  readonly ledger: LedgerFile;
  readonly database: Database;
}

/** A ledger longer than this is compacted when that makes it much shorter. */
const LONG_LEDGER = 8 * 1024 * 1024;

const HOW_TO_GO_ON =
  'enable those that may live with mandos-ctl --enable; or stop the server, empty the state ' +
  'directory and start it again, and clients.conf alone decides';

/**
 * Opens the state in `directory`, which is made if needed; a first start begins one. Throws
 * `MandosError` when the disk or the permissions do not let it be read or written: nobody is
 * to be served then.
 *
 * @param longLedger the bytes from which a ledger is compacted
 */
export function openState(
  directory: string,
  now: StoredMoment,
  longLedger = LONG_LEDGER,
): OpenState {
  try {
    return openWhatIsThere(directory, now, longLedger);
  } catch (cause) {
    // The system's errors have a code; others are faults of the program.
    if (cause instanceof MandosError || !(cause instanceof Error && 'code' in cause)) throw cause;
    throw new MandosError('file-unwritable', `cannot use '${directory}': ${cause.message}`, {
      exitCode: ExitStatus.ioError,
      hint: 'nobody is served before the state can be kept; look at the disk and the permissions',
      cause,
    });
  }
}

function openWhatIsThere(directory: string, now: StoredMoment, longLedger: number): OpenState {
  ensurePrivateDirectory(directory);
  const { current, used, next } = listState(directory);
  const replace = (image: StateImage, replaced: Replaced): OpenState =>
    installed(directory, next, image, replaced, now);
  if (current === null) {
    return replace(used ? lostState(directory, now) : firstState(directory, now), 'damaged');
  }
  const found = inspectStore(directory, current);
  if (found.kind === 'damaged') {
    const moved = damagedPath(directory, current);
    return replace(repairedImage(found, now, moved, HOW_TO_GO_ON), 'damaged');
  }
  const shorter = found.ledger.length < longLedger ? null : shorterImage(found, now);
  if (shorter !== null) {
    close(found);
    return replace(shorter, 'compacted');
  }
  tidyState(directory, current, 'damaged');
  return opened(directory, found, [], now);
}

function installed(
  directory: string,
  number: number,
  { begun, names, original, rows, sign, problems }: StateImage,
  replaced: Replaced,
  now: StoredMoment,
): OpenState {
  const store = randomBytes(16).toString('hex');
  const summary = { kind: 'summary', at: begun.at, states: names } as const;
  const records = [{ ...begun, store }, ...(names.length > 0 ? [summary] : []), ...original];
  makeStore(directory, number, records, { rows, sign: { store, moment: sign, ledgerLength: 0 } });
  tidyState(directory, number, replaced);
  const found = inspectStore(directory, number);
  if (found.kind === 'whole') return opened(directory, found, problems, now);
  throw new MandosError(
    'file-unreadable',
    `the state in '${directory}' is damaged as soon as it is written: ${found.damage.join('; ')}`,
    { hint: 'nobody is served; look at the disk' },
  );
}

function opened(
  directory: string,
  found: WholeStore,
  problems: readonly string[],
  now: StoredMoment,
): OpenState {
  const { store, ledger, database, sign: lastSign } = found;
  try {
    const back = takeBack(directory, found, now);
    const { names: known, complete } = ledger.summary;
    const rows = new Map<string, Row>();
    for (const [name, row] of back.rows) {
      const strict = strictRow(row, known.get(name));
      if (strict !== null) rows.set(name, strict);
    }
    const content = {
      ...{ rows, known: new Map(known), complete, lastSign },
      problems: [...problems, ...back.problems],
      notices: back.notices,
    };
    return { content, store, ledger, database };
  } catch (error) {
    close(found);
    throw error;
  }
}

function close({ ledger, database }: WholeStore): void {
  ledger[Symbol.dispose]();
  database[Symbol.dispose]();
}

/** Null unless it is worth it. */
function shorterImage({ ledger, rows, sign }: WholeStore, now: StoredMoment): StateImage | null {
  const image = compactedImage(ledger.summary, rows, sign, now);
  return JSON.stringify(image.names).length < ledger.length / 2 ? image : null;
}

/** F1: a first start is an empty state directory, or one with only the original's state. */
function firstState(directory: string, now: StoredMoment): StateImage {
  const file = readOriginalFile(picklePath(directory));
  if (file === null) return emptyImage('first start', true, now, []);
  const { path, mark, content } = file;
  const remembered = (event: OriginalEvent): OriginalRecord[] => [
    { kind: 'original', at: Math.round(now.wall), event, mark },
  ];
  try {
    if (content instanceof MandosError) throw content;
    return { ...importPickle(path, content, now), original: remembered('read') };
  } catch (error) {
    if (!(error instanceof MandosError)) throw error;
    const problem =
      `${error.message}: all clients are locked out; to go on, ${HOW_TO_GO_ON}, ` +
      'or clients.pickle too if you put a readable one there';
    return {
      ...emptyImage('damage', false, now, [problem]),
      original: remembered('unreadable'),
    };
  }
}

/** F1: a marker without a store. */
function lostState(directory: string, now: StoredMoment): StateImage {
  const problem =
    `the state in '${directory}' is lost: all clients are locked out; ` +
    `to go on, put it back from a backup, or ${HOW_TO_GO_ON}`;
  return emptyImage('damage', false, now, [problem]);
}
