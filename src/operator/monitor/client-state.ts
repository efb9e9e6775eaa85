/** What a client's row says of it, as the original's mandos-monitor does. */
import type { WallTime } from '../../core/time.ts';
import { type ClientView, viewedTime } from '../server/client-view.ts';

export type ClientState =
  | { readonly kind: 'disabled' }
  /** Somebody waits for approval, until a moment at which the default is taken. */
  | { readonly kind: 'waiting'; readonly approvedByDefault: boolean; readonly until: number }
  /** The last checker did not succeed; the client is locked out at a moment. */
  | { readonly kind: 'failing'; readonly until: number }
  | { readonly kind: 'enabled' };

export function clientState(client: ClientView): ClientState {
  if (!client.Enabled) return { kind: 'disabled' };
  if (client.ApprovalPending) {
    const asked = viewedTime(client.LastApprovalRequest) ?? 0;
    const until = asked + client.ApprovalDelay;
    return { kind: 'waiting', approvedByDefault: client.ApprovedByDefault, until };
  }
  if (client.LastCheckerStatus !== 0) {
    return { kind: 'failing', until: viewedTime(client.Expires) ?? 0 };
  }
  return { kind: 'enabled' };
}

/** The state in words, with the time that is left. */
export function stateText(state: ClientState, now: WallTime): string {
  switch (state.kind) {
    case 'disabled':
      return 'DISABLED';
    case 'waiting': {
      const left = spanText(state.until - now);
      return state.approvedByDefault
        ? `Approval in ${left}. (d)eny?`
        : `Denial in ${left}. (a)pprove?`;
    }
    case 'failing':
      return `A checker has failed! Time until client gets disabled: ${spanText(state.until - now)}`;
    case 'enabled':
      return 'enabled';
    default:
      return state satisfies never;
  }
}

/** Milliseconds as people read them: `1 day, 3:48:25`. What is below zero is zero. */
export function spanText(milliseconds: number): string {
  const all = Math.max(0, Math.floor(milliseconds / 1000));
  const days = Math.floor(all / 86_400);
  const two = (count: number): string => String(count % 60).padStart(2, '0');
  const time = `${Math.floor(all / 3600) % 24}:${two(Math.floor(all / 60))}:${two(all)}`;
  if (days === 0) return time;
  return `${days} ${days === 1 ? 'day' : 'days'}, ${time}`;
}

/** Whether the client's name, host or state has the words of a filter; case does not matter. */
export function matchesFilter(client: ClientView, filter: string): boolean {
  if (filter === '') return true;
  // Without the time that is left, which would make clients come and go.
  const state = stateText(clientState(client), Number.MAX_SAFE_INTEGER as WallTime);
  const words = state.replace(/\d+:\d\d:\d\d/, '');
  const text = `${client.Name}: ${words}\n${client.Host}`;
  return text.toLowerCase().includes(filter.toLowerCase());
}
