/** The peers that wait for an approval, and how they are answered: each exactly once. */
import type { Client, PeerToken, WaitingPeer } from './client.ts';
import type { ClientSignal } from './client-effect.ts';
import { type Action, type Step, step } from './step.ts';

/** Why a peer was refused, in the original's words as far as it has some. */
export type Refusal = 'Disabled' | 'Denied' | 'Approval timed out' | 'Too many are waiting';

export function give(client: Client, peers: readonly PeerToken[]): Step {
  return step(
    client,
    peers.map((peer): Action => ({ kind: 'give-secret', peer })),
  );
}

/** Each refusal is announced, as in the original, but for a client that no longer is there. */
export function refuse(client: Client, peers: readonly PeerToken[], reason: Refusal): Step {
  const rejected: ClientSignal = { name: 'Rejected', reason };
  return step(
    client,
    peers.map((peer): Action => ({ kind: 'refuse-secret', peer })),
    client.life.kind === 'removed' ? [] : peers.map(() => rejected),
  );
}

/** The client with only `waiting` waiting. */
export function withWaiting(client: Client, waiting: readonly WaitingPeer[]): Client {
  return client.life.kind === 'enabled' ? { ...client, life: { ...client.life, waiting } } : client;
}

/** Sends away everybody who waits, because the client's life ends; the life goes with them. */
export function refuseAll(client: Client): Step {
  if (client.life.kind !== 'enabled') return step(client);
  const peers = client.life.waiting.map(({ peer }) => peer);
  return refuse(client, peers, 'Disabled');
}
