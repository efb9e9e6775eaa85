import type { StoredMoment } from '../../core/moment.ts';
import type { NameState } from './ledger-record.ts';
import type { Row } from './row-format.ts';

/** What the store knew when it was opened. Plain data, fit for a message between threads. */
export interface StateContent {
  /** By name; where ledger and row differed the stricter has won. */
  readonly rows: ReadonlyMap<string, Row>;
  /** What the ledger knows, by name. A name in here without a row is locked out. */
  readonly known: ReadonlyMap<string, NameState>;
  /**
   * Whether a name that the ledger does not know is a new client's. When not, it may be that
   * of a client that was locked out before the state was lost.
   */
  readonly complete: boolean;
  /** The last sign of life of the server before this one. */
  readonly lastSign: StoredMoment;
  /** What the operator must know: whom it concerns and how to go on. */
  readonly problems: readonly string[];
  /** What may be of interest, for the log. */
  readonly notices: readonly string[];
}
