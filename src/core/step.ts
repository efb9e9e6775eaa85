import type { Client } from './client.ts';
import type { ClientSignal, Effect } from './client-effect.ts';

/** What a step of a client's life does at once; saving and announcing are derived from it. */
export type Action = Extract<
  Effect,
  { readonly kind: 'start-checker' | 'kill-checker' | 'give-secret' | 'refuse-secret' }
>;

/** A client after a part of a transition, and what that part wants done. */
export interface Step {
  readonly client: Client;
  readonly actions: readonly Action[];
  readonly signals: readonly ClientSignal[];
}

export function step(
  client: Client,
  actions: readonly Action[] = [],
  signals: readonly ClientSignal[] = [],
): Step {
  return { client, actions, signals };
}

/** One part of a transition after another. */
export function andThen(first: Step, next: (client: Client) => Step): Step {
  const second = next(first.client);
  return step(
    second.client,
    [...first.actions, ...second.actions],
    [...first.signals, ...second.signals],
  );
}
