/** What the store's thread is asked to do, and its answers. Plain data. */
import { type ErrorCode, type ExitStatus, MandosError } from '../../core/error.ts';
import type { LedgerEntry } from '../../core/ledger-entry.ts';
import type { StoredMoment } from '../../core/moment.ts';
import type { Row } from './row-format.ts';
import type { StateContent } from './state-content.ts';

/** Changes that become durable together. */
export interface Job {
  /** Written to the ledger before the rows. */
  readonly strict: readonly LedgerEntry[];
  /** By name; null deletes. */
  readonly rows: ReadonlyMap<string, Row | null>;
  /** Written to the ledger after the rows. */
  readonly loose: readonly LedgerEntry[];
  /** From here on an unknown name is a new client's. */
  readonly complete: boolean;
  readonly sign: StoredMoment;
}

export type JobOutcome =
  | { readonly kind: 'durable' }
  /** Nothing was done, but for the strict entries when `strictDone`. */
  | { readonly kind: 'failed'; readonly strictDone: boolean; readonly reason: string };

export type Request =
  | { readonly kind: 'open'; readonly directory: string; readonly now: StoredMoment }
  | { readonly kind: 'job'; readonly job: Job }
  | { readonly kind: 'close' };

export type Answer =
  | { readonly kind: 'opened'; readonly content: StateContent }
  | { readonly kind: 'not opened'; readonly error: TransportedError }
  | { readonly kind: 'job'; readonly outcome: JobOutcome }
  | { readonly kind: 'closed' };

/** A `MandosError` on its way between threads. */
export interface TransportedError {
  readonly code: ErrorCode;
  readonly message: string;
  readonly exitCode: ExitStatus;
  readonly hint: string | null;
}

/** The error on the other side. */
export function received({ code, message, exitCode, hint }: TransportedError): MandosError {
  return new MandosError(code, message, { exitCode, ...(hint === null ? {} : { hint }) });
}
