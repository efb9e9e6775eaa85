/** What mandos-ctl shows of a client, in the original's order and under its headings. */
import type { ClientProperty } from '../server/client-view.ts';

export interface Column {
  readonly property: ClientProperty;
  readonly heading: string;
  /** A number of milliseconds that is shown as a time. */
  readonly duration?: true;
}

/** The columns without `--verbose`. */
export const MAIN_COLUMNS: readonly Column[] = [
  { property: 'Name', heading: 'Name' },
  { property: 'Enabled', heading: 'Enabled' },
  { property: 'Timeout', heading: 'Timeout', duration: true },
  { property: 'LastCheckedOK', heading: 'Last Successful Check' },
];

export const ALL_COLUMNS: readonly Column[] = [
  ...MAIN_COLUMNS,
  { property: 'Created', heading: 'Created' },
  { property: 'Interval', heading: 'Interval', duration: true },
  { property: 'Host', heading: 'Host' },
  { property: 'KeyID', heading: 'Key ID' },
  { property: 'Fingerprint', heading: 'Fingerprint' },
  { property: 'CheckerRunning', heading: 'Check Is Running' },
  { property: 'LastEnabled', heading: 'Last Enabled' },
  { property: 'ApprovalPending', heading: 'Approval Is Pending' },
  { property: 'ApprovedByDefault', heading: 'Approved By Default' },
  { property: 'LastApprovalRequest', heading: 'Last Approval Request' },
  { property: 'ApprovalDelay', heading: 'Approval Delay', duration: true },
  { property: 'ApprovalDuration', heading: 'Approval Duration', duration: true },
  { property: 'Checker', heading: 'Checker' },
  { property: 'ExtendedTimeout', heading: 'Extended Timeout', duration: true },
  { property: 'Expires', heading: 'Expires' },
  { property: 'LastCheckerStatus', heading: 'Last Checker Status' },
];
