/** A client as D-Bus shows it (DBUS-API), apart from what never changes. */
import type { Client } from './client.ts';
import type { PropertyName } from './client-effect.ts';
import type { Duration, WallTime } from './time.ts';

/** `Secret` can only be written. A time that is null is shown as an empty text. */
export interface ClientProperties {
  readonly ApprovalDelay: Duration;
  readonly ApprovalDuration: Duration;
  readonly ApprovalPending: boolean;
  readonly ApprovedByDefault: boolean;
  readonly Checker: string;
  readonly CheckerRunning: boolean;
  readonly Enabled: boolean;
  readonly Expires: WallTime | null;
  readonly ExtendedTimeout: Duration;
  readonly Host: string;
  readonly Interval: Duration;
  readonly LastApprovalRequest: WallTime | null;
  readonly LastCheckedOK: WallTime | null;
  readonly LastCheckerStatus: number;
  readonly LastEnabled: WallTime | null;
  readonly Timeout: Duration;
}

export function clientProperties(client: Client): ClientProperties {
  const { settings, life } = client;
  const enabled = life.kind === 'enabled';
  return {
    ApprovalDelay: settings.approvalDelay,
    ApprovalDuration: settings.approvalDuration,
    ApprovalPending: enabled && life.waiting.length > 0,
    ApprovedByDefault: settings.approvedByDefault,
    Checker: settings.checker,
    CheckerRunning: client.checker.kind === 'running',
    Enabled: enabled,
    Expires: enabled ? life.expires.wall : null,
    ExtendedTimeout: settings.extendedTimeout,
    Host: settings.host,
    Interval: settings.interval,
    LastApprovalRequest: client.lastApprovalRequest,
    LastCheckedOK: client.lastCheckedOk,
    LastCheckerStatus: client.lastCheckerStatus,
    LastEnabled: client.lastEnabled,
    Timeout: settings.timeout,
  };
}

type Readable = keyof ClientProperties & PropertyName;

const SETTINGS_FIRST: readonly Readable[] = [
  'ApprovalDelay',
  'ApprovalDuration',
  'ApprovedByDefault',
  'Checker',
  'ExtendedTimeout',
  'Host',
  'Interval',
  'Timeout',
  'ApprovalPending',
  'LastApprovalRequest',
];

// The orders in which the original tells of changes that come together; seen with 1.8.16.
const AS_A_CHECK_GOES: readonly Readable[] = [
  ...SETTINGS_FIRST,
  'CheckerRunning',
  'LastCheckerStatus',
  'LastCheckedOK',
  'Enabled',
  'LastEnabled',
  'Expires',
];
const AS_THE_OPERATOR_VOUCHES: readonly Readable[] = [
  ...SETTINGS_FIRST,
  'LastCheckedOK',
  'LastCheckerStatus',
  'CheckerRunning',
  'Enabled',
  'LastEnabled',
  'Expires',
];
const AS_A_LIFE_ENDS: readonly Readable[] = [
  ...SETTINGS_FIRST,
  'LastCheckerStatus',
  'LastCheckedOK',
  'Expires',
  'CheckerRunning',
  'Enabled',
  'LastEnabled',
];

/** Exactly the properties whose value differs, in the original's order. */
export function changedProperties(before: Client, after: Client): readonly PropertyName[] {
  const old = clientProperties(before);
  const current = clientProperties(after);
  return order(old, current).filter((name) => !Object.is(old[name], current[name]));
}

function order(old: ClientProperties, current: ClientProperties): readonly Readable[] {
  if (old.Enabled && !current.Enabled) return AS_A_LIFE_ENDS;
  return old.CheckerRunning === current.CheckerRunning ? AS_THE_OPERATOR_VOUCHES : AS_A_CHECK_GOES;
}
