/**
 * Who may have the secret now: mandos(8), "APPROVAL".
 *
 * A peer waits for the whole `approval_delay`, unless the operator decides before; then
 * `approved_by_default` decides. The operator's decision answers all who wait and holds for
 * `approval_duration`. An approval given to nobody grants nothing (N4); a denial holds even so.
 */
import type { Client, Decision, PeerToken } from './client.ts';
import { hasExpired } from './lease.ts';
import type { Moment } from './moment.ts';
import { type Step, step } from './step.ts';
import { after } from './time.ts';
import { give, refuse, withWaiting } from './waiting-peers.ts';

/** Connections of one client that may wait at the same time (N1). */
export const MOST_WAITING = 16;

/**
 * Whether a peer that was given the secret may still have it at the moment of release (F3):
 * the client may have expired, been disabled or been denied since.
 */
export function mayHaveSecret(client: Client, now: Moment): boolean {
  if (client.life.kind !== 'enabled' || hasExpired(client.life, now)) return false;
  return holding(client, now)?.approved !== false;
}

export function requestSecret(client: Client, peer: PeerToken, now: Moment): Step {
  const { life, settings } = client;
  if (life.kind !== 'enabled') return refuse(client, [peer], 'Disabled');
  if (life.waiting.some((one) => one.peer === peer)) return step(client);
  const decision = holding(client, now);
  if (decision !== null) {
    return decision.approved ? give(client, [peer]) : refuse(client, [peer], 'Denied');
  }
  const { approvalDelay, approvedByDefault } = settings;
  if (approvalDelay === 0) return decideByDefault(client, [peer]);
  if (life.waiting.length >= MOST_WAITING) return refuse(client, [peer], 'Too many are waiting');
  const waiting = [...life.waiting, { peer, until: after(now.boot, approvalDelay) }];
  return step(
    { ...client, lastApprovalRequest: now.wall, life: { ...life, waiting } },
    [],
    [{ name: 'NeedApproval', timeout: approvalDelay, approvedByDefault }],
  );
}

/** An ended connection gets nothing, however late the approval (N4). */
export function forgetPeer(client: Client, peer: PeerToken): Step {
  if (client.life.kind !== 'enabled') return step(client);
  const others = client.life.waiting.filter((one) => one.peer !== peer);
  return step(others.length === client.life.waiting.length ? client : withWaiting(client, others));
}

/** Answers those whose wait is over. */
export function endWaits(client: Client, now: Moment): Step {
  if (client.life.kind !== 'enabled') return step(client);
  const { waiting } = client.life;
  const due = waiting.filter(({ until }) => until <= now.boot).map(({ peer }) => peer);
  if (due.length === 0) return step(client);
  const rest = waiting.filter(({ peer }) => !due.includes(peer));
  return decideByDefault(withWaiting(client, rest), due);
}

/** The operator approves or denies: all who wait, and those to come while it holds. */
export function approve(client: Client, approved: boolean, now: Moment): Step {
  const { life, settings } = client;
  if (life.kind === 'removed') return step(client);
  const peers = life.kind === 'enabled' ? life.waiting.map(({ peer }) => peer) : [];
  if (approved && peers.length === 0) return step(client);
  const decision: Decision = { approved, until: after(now.boot, settings.approvalDuration) };
  const decided = withWaiting({ ...client, decision }, []);
  return approved ? give(decided, peers) : refuse(decided, peers, 'Denied');
}

function decideByDefault(client: Client, peers: readonly PeerToken[]): Step {
  return client.settings.approvedByDefault
    ? give(client, peers)
    : refuse(client, peers, 'Approval timed out');
}

function holding(client: Client, now: Moment): Decision | null {
  return client.decision !== null && now.boot < client.decision.until ? client.decision : null;
}
