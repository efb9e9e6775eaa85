/** All that the server tells of a client, in words. */
import type { WallTime } from '../../core/time.ts';
import { type ClientView, viewedTime } from '../server/client-view.ts';
import { clientState, spanText, stateText } from './client-state.ts';
import { type Line, plain } from './frame.ts';
import { type Charset, screenText } from './screen-text.ts';
import { twoColumns } from './two-columns.ts';

/** As DBUS-API calls them; the times and the checker's result get a word of explanation. */
function properties(client: ClientView, now: WallTime): readonly (readonly [string, string])[] {
  return [
    ['Name', client.Name],
    ['State', stateText(clientState(client), now)],
    ['Host', client.Host],
    ['Enabled', yesOrNo(client.Enabled)],
    ['Expires', timeText(client.Expires, now)],
    ['Last checked OK', timeText(client.LastCheckedOK, now)],
    ['Last checker status', statusText(client.LastCheckerStatus)],
    ['Checker running', yesOrNo(client.CheckerRunning)],
    ['Checker', client.Checker],
    ['Timeout', spanText(client.Timeout)],
    ['Extended timeout', spanText(client.ExtendedTimeout)],
    ['Interval', spanText(client.Interval)],
    ['Approval pending', yesOrNo(client.ApprovalPending)],
    ['Approved by default', yesOrNo(client.ApprovedByDefault)],
    ['Approval delay', spanText(client.ApprovalDelay)],
    ['Approval duration', spanText(client.ApprovalDuration)],
    ['Last approval request', timeText(client.LastApprovalRequest, now)],
    ['Last enabled', timeText(client.LastEnabled, now)],
    ['Created', timeText(client.Created, now)],
    ['Key ID', client.KeyID],
    ['Fingerprint', client.Fingerprint],
    ['Object path', client.path],
  ];
}

export function propertyLines(
  client: ClientView,
  now: WallTime,
  charset: Charset,
  columns: number,
): Line[] {
  const all = properties(client, now);
  const widest = Math.max(...all.map(([name]) => name.length));
  return all.flatMap(([name, value]) =>
    twoColumns(`${name}:`, screenText(value, charset), widest + 2, columns).map(plain),
  );
}

function yesOrNo(value: boolean): string {
  return value ? 'yes' : 'no';
}

function timeText(text: string, now: WallTime): string {
  const time = viewedTime(text);
  if (time === null) return text === '' ? 'never' : text;
  const shown = `${text.slice(0, 19).replace('T', ' ')} UTC`;
  return time > now
    ? `${shown} (in ${spanText(time - now)})`
    : `${shown} (${spanText(now - time)} ago)`;
}

/** DBUS-API, LastCheckerStatus. */
function statusText(status: number): string {
  if (status === 0) return '0 (succeeded)';
  if (status === -1) return '-1 (ended by a signal)';
  if (status === -2) return '-2 (no checker has ended yet)';
  return `${status} (failed)`;
}
