import type { ClientSettings } from './client-settings.ts';
import type { Moment } from './moment.ts';
import type { Instant, WallTime } from './time.ts';

declare const peerBrand: unique symbol;
declare const checkBrand: unique symbol;

/** One connection that asked for the client's secret; never given out twice by the server. */
export type PeerToken = number & { readonly [peerBrand]: true };

/** One run of a client's checker; counts up from 1 for each client in each run of the server. */
export type CheckId = number & { readonly [checkBrand]: true };

/**
 * Everything the server knows about a client while it runs, apart from its secret. Immutable;
 * `transition` (client-life.ts) makes the next one. Timers are not state: see `nextWakeUp`.
 */
export interface Client {
  /** As the operator has them now; `settings.enabled` is only how clients.conf starts it. */
  readonly settings: ClientSettings;
  readonly life: Life;
  readonly checker: Checker;
  /** The number of the latest check. */
  readonly checks: number;
  /** The operator's approval or denial while it holds (`approval_duration`). */
  readonly decision: Decision | null;
  readonly created: WallTime;
  readonly lastEnabled: WallTime | null;
  readonly lastCheckedOk: WallTime | null;
  readonly lastApprovalRequest: WallTime | null;
  /** The exit status of the last checker; see the constants below. */
  readonly lastCheckerStatus: number;
}

/** `lastCheckerStatus` before the first checker has returned (DBUS-API). */
export const NOT_YET_CHECKED = -2;
/** `lastCheckerStatus` of a checker that did not exit by itself (DBUS-API). */
export const NO_CLEAN_EXIT = -1;

export type Life = Enabled | Disabled | Removed;

export interface Enabled {
  readonly kind: 'enabled';
  /** From this moment on the client is locked out. */
  readonly expires: Moment;
  /** When the next check is due. */
  readonly nextCheck: Instant;
  /**
   * No check has succeeded since a restart or suspend lengthened the lease, or since an
   * operator enabled the client: it is not to be lengthened again (F3).
   */
  readonly graceUsed: boolean;
  /** Peers waiting for approval, longest first. */
  readonly waiting: readonly WaitingPeer[];
}

export interface Disabled {
  readonly kind: 'disabled';
  readonly reason: LockOutReason;
}

/** Taken out by the operator over D-Bus; nothing leads out of this state. */
export interface Removed {
  readonly kind: 'removed';
}

export type LockOutReason =
  | 'expired' // no sign of life within its lease
  | 'operator' // over D-Bus
  | 'timeout-shortened' // the operator set a timeout that had passed
  | 'configured' // `enabled = no` in clients.conf
  | 'downtime' // its lease ended while the server was down or asleep
  | 'state-lost'; // its stored state is damaged, lost, or contradicts the ledger (F1)

export interface WaitingPeer {
  readonly peer: PeerToken;
  /** When `approvedByDefault` decides. */
  readonly until: Instant;
}

export interface Decision {
  readonly approved: boolean;
  readonly until: Instant;
}

export type Checker =
  | { readonly kind: 'idle' }
  /** Asked for; waits for its turn or for the end of a killed one. */
  | { readonly kind: 'starting'; readonly check: CheckId }
  | { readonly kind: 'running'; readonly check: CheckId; readonly command: string };
