/** Looks at a store and tells whether all of it is what was written. */
import type { StoredMoment } from '../../core/moment.ts';
import { Database } from './database.ts';
import { LedgerFile } from './ledger-file.ts';
import type { LedgerRecord } from './ledger-record.ts';
import type { Row } from './row-format.ts';
import { databasePath, ledgerPath } from './state-directory.ts';

export interface WholeStore {
  readonly kind: 'whole';
  readonly store: string;
  readonly ledger: LedgerFile;
  readonly database: Database;
  readonly rows: ReadonlyMap<string, Row>;
  readonly sign: StoredMoment;
}

export interface DamagedStore {
  readonly kind: 'damaged';
  /** The ledger's, as far as they can be trusted. */
  readonly records: readonly LedgerRecord[];
  readonly ledgerIsWhole: boolean;
  /** Those that are what was written, at some time. */
  readonly rows: ReadonlyMap<string, Row>;
  /** Null when it was lost, or does not belong to this ledger. */
  readonly sign: StoredMoment | null;
  /** File and what is wrong with it. */
  readonly damage: readonly string[];
}

/** Throws `MandosError` when the store cannot be read for another reason than damage. */
export function inspectStore(directory: string, number: number): WholeStore | DamagedStore {
  using stack = new DisposableStack();
  // The database first: it is what keeps a second server out.
  const { content, database } = Database.open(databasePath(directory, number));
  if (database !== null) stack.use(database);
  const { read, ledger } = LedgerFile.open(ledgerPath(directory, number));
  if (ledger !== null) stack.use(ledger);
  const [begun] = read.records;
  const store = begun?.kind === 'begun' ? begun.store : null;
  const { rows, sign } = content;
  const foreign = sign !== null && store !== null && sign.store !== store;
  const shorter = sign !== null && read.end < sign.ledgerLength;
  const ledgerDamage = read.state.kind === 'damaged' ? read.state.what : 'its end was lost';
  const ledgerIsWhole = read.state.kind !== 'damaged' && (!shorter || foreign);
  const damage = [
    ...(ledgerIsWhole ? [] : [`ledger: ${ledgerDamage}`]),
    ...(foreign ? ['clients.sqlite: it belongs to another ledger'] : []),
    ...content.damage.map((what) => `clients.sqlite: ${what}`),
  ];
  if (
    ledger === null ||
    database === null ||
    store === null ||
    sign === null ||
    damage.length > 0
  ) {
    const moment = sign === null || sign.store !== store ? null : sign.moment;
    return { kind: 'damaged', records: read.records, ledgerIsWhole, rows, sign: moment, damage };
  }
  stack.move();
  return { kind: 'whole', store, ledger, database, rows, sign: sign.moment };
}
