import type { WholeStore } from './inspect-store.ts';
import type { Job, JobOutcome } from './job.ts';
import type { LedgerRecord } from './ledger-record.ts';

/** What a job needs of an open store. */
export type WritableStore = Pick<WholeStore, 'ledger' | 'database' | 'store'>;

/**
 * Carries out a job. What takes life goes to the ledger first, what gives life goes there last:
 * wherever a crash comes, the stricter of ledger and row is the old state or the new one (F2).
 */
export function carryOut(job: Job, state: WritableStore): JobOutcome {
  const { ledger, database, store } = state;
  let strictDone = job.strict.length === 0;
  try {
    if (job.strict.length > 0) ledger.append({ kind: 'changes', entries: job.strict });
    strictDone = true;
    const loose: LedgerRecord = { kind: 'changes', entries: job.loose };
    // Without space for the ledger's part the rows need not be touched.
    if (job.loose.length > 0) ledger.makeRoomFor(JSON.stringify(loose).length * 2, loose);
    const sign = { store, moment: job.sign, ledgerLength: ledger.length };
    database.commit({ rows: job.rows, sign });
    if (job.loose.length > 0) ledger.append(loose);
    if (job.complete) ledger.append({ kind: 'complete', at: Math.round(job.sign.wall) });
    return { kind: 'durable' };
  } catch (error) {
    // What the system says names files and numbers, never content (S4).
    const reason = error instanceof Error ? error.message : 'unknown';
    return { kind: 'failed', strictDone, reason };
  }
}
