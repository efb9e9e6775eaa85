import type { CheckId, PeerToken } from './client.ts';
import type { Duration } from './time.ts';

/** Everything that can happen to a client. */
export type ClientEvent = ServerEvent | PeerEvent | CheckerEvent | OperatorEvent;

export type ServerEvent =
  /** Time has passed; due at `nextWakeUp`, harmless at any other time. */
  | { readonly kind: 'tick' }
  /**
   * The machine was asleep for `slept`, until just now. To be told before any other event
   * after a suspend; `random` (0 ≤ random < 1) spreads the first checks.
   */
  | { readonly kind: 'woke'; readonly slept: Duration; readonly random: number };

export type PeerEvent =
  /** A peer proved to hold the client's key. It is answered exactly once, or leaves. */
  | { readonly kind: 'secret-requested'; readonly peer: PeerToken }
  | { readonly kind: 'peer-left'; readonly peer: PeerToken }
  /** The whole blob was sent to a peer that `give-secret` named. */
  | { readonly kind: 'secret-sent' };

/** About a check that is not the current one: ignored. */
export type CheckerEvent =
  | { readonly kind: 'checker-started'; readonly check: CheckId; readonly command: string }
  /** `waitStatus` as from wait(2). */
  | { readonly kind: 'checker-completed'; readonly check: CheckId; readonly waitStatus: number }
  | { readonly kind: 'checker-not-started'; readonly check: CheckId };

export type OperatorEvent =
  | { readonly kind: 'enable' }
  | { readonly kind: 'disable' }
  | { readonly kind: 'approve'; readonly approved: boolean }
  | { readonly kind: 'start-checker' }
  | { readonly kind: 'stop-checker' }
  | { readonly kind: 'checked-ok' }
  | { readonly kind: 'remove' }
  | ({ readonly kind: 'set' } & SettingChange)
  /** The secret itself is none of the core's business: the store holds it. */
  | { readonly kind: 'set-secret' };

/** A setting by its D-Bus name, with its new value. */
export type SettingChange =
  | { readonly property: DurationProperty; readonly value: Duration }
  | { readonly property: 'ApprovedByDefault'; readonly value: boolean }
  | { readonly property: 'Host' | 'Checker'; readonly value: string };

export type DurationProperty =
  | 'ApprovalDelay'
  | 'ApprovalDuration'
  | 'Timeout'
  | 'ExtendedTimeout'
  | 'Interval';
