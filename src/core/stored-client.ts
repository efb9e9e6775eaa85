import type { LockOutReason } from './client.ts';
import type { StoredMoment } from './moment.ts';

/**
 * A client as the store keeps it: plain data that survives JSON unchanged. The secret is not
 * in it; the store keeps that beside it.
 *
 * Why each part is here (F1, F3, F4):
 * - `life.left` is the lease at `savedAt`, so that no clock that was set can lengthen it;
 * - `savedAt` carries both clocks and the boot, so that downtime within one boot is exact;
 * - `lastWatched` is the last moment at which somebody watched a client that is set aside;
 *   null for all others, for which the store's own last sign of life counts;
 * - `written` is what clients.conf said at the last start, to tell which options the
 *   administrator changed since (the secret as a hash, see config/clients-conf.ts);
 * - `ledgerEntries` is how many entries the ledger had about this name, the one about the
 *   change that this row was written for included: a row that the ledger has gone past is an
 *   older one that came back, and is not believed;
 * - `graceUsed` sees to it that a restart loop lengthens no life.
 *
 * Approvals, waiting peers and running checkers do not outlive the server.
 */
export interface StoredClient {
  readonly name: string;
  readonly settings: StoredSettings;
  readonly life: StoredLife;
  readonly savedAt: StoredMoment;
  readonly lastWatched: StoredMoment | null;
  readonly written: Readonly<Record<string, string>>;
  readonly ledgerEntries: number;
  /** Wall clock times in milliseconds since 1970. */
  readonly created: number;
  readonly lastEnabled: number | null;
  readonly lastCheckedOk: number | null;
  readonly lastApprovalRequest: number | null;
  readonly lastCheckerStatus: number;
}

/** The settings as they were in force, changes over D-Bus included; times in milliseconds. */
export interface StoredSettings {
  /** Null for a client with only a fingerprint. */
  readonly keyId: string | null;
  readonly fingerprint: string;
  readonly host: string;
  readonly checker: string;
  readonly timeout: number;
  readonly extendedTimeout: number;
  readonly interval: number;
  readonly approvalDelay: number;
  readonly approvalDuration: number;
  readonly approvedByDefault: boolean;
}

export type StoredLife =
  | {
      readonly kind: 'enabled';
      /** What was left of the lease at `savedAt`, in whole milliseconds. */
      readonly left: number;
      readonly graceUsed: boolean;
    }
  | { readonly kind: 'disabled'; readonly reason: LockOutReason }
  | { readonly kind: 'removed' };
