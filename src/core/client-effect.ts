import type { CheckId, PeerToken } from './client.ts';
import type { LedgerChange } from './ledger-entry.ts';
import type { Duration } from './time.ts';

/**
 * What the shell has to do, in this order. Nothing after a `save` may be seen outside before
 * what was saved is durable (F2); lock-outs, kills and refusals act at once all the same.
 */
export type Effect =
  /** Store the new state; `ledger` is what the ledger must tell beside it (F1). */
  | { readonly kind: 'save'; readonly ledger: LedgerChange | null }
  /**
   * Run the checker as soon as its turn comes (earliest expiry first) and any killed one of
   * this client has ended (C1); answered by `checker-started` or `checker-not-started`.
   */
  | { readonly kind: 'start-checker'; readonly check: CheckId }
  /** Also for one that has not been started yet. No event about it is awaited. */
  | { readonly kind: 'kill-checker'; readonly check: CheckId }
  /** The peer may have the secret if `mayHaveSecret` still says so at the release (F3). */
  | { readonly kind: 'give-secret'; readonly peer: PeerToken }
  | { readonly kind: 'refuse-secret'; readonly peer: PeerToken }
  | { readonly kind: 'signal'; readonly signal: ClientSignal }
  /** One D-Bus signal for each, in this order, with the values of the new state. */
  | { readonly kind: 'properties-changed'; readonly names: readonly PropertyName[] };

/** The signals of a client object (DBUS-API) but for those about properties. */
export type ClientSignal =
  | { readonly name: 'CheckerStarted'; readonly command: string }
  | {
      readonly name: 'CheckerCompleted';
      readonly exitCode: number;
      readonly waitStatus: number;
      readonly command: string;
    }
  | { readonly name: 'GotSecret' }
  | {
      readonly name: 'NeedApproval';
      readonly timeout: Duration;
      readonly approvedByDefault: boolean;
    }
  | { readonly name: 'Rejected'; readonly reason: string };

/** The properties that can change, by their D-Bus names. `Secret` is only ever invalidated. */
export type PropertyName =
  | 'ApprovalDelay'
  | 'ApprovalDuration'
  | 'ApprovalPending'
  | 'ApprovedByDefault'
  | 'Checker'
  | 'CheckerRunning'
  | 'Enabled'
  | 'Expires'
  | 'ExtendedTimeout'
  | 'Host'
  | 'Interval'
  | 'LastApprovalRequest'
  | 'LastCheckedOK'
  | 'LastCheckerStatus'
  | 'LastEnabled'
  | 'Secret'
  | 'Timeout';
