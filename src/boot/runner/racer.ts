import type { Password } from '../../core/secret.ts';

/** How a plugin's run ended. */
export type RacerEnd =
  /** Exit status 0; what it wrote is the receiver's to wipe. */
  | { readonly kind: 'password'; readonly password: Password }
  /** What it wrote is dropped. `status` is null when a signal ended it. */
  | { readonly kind: 'failed'; readonly status: number | null; readonly why: string }
  /** It left the console to whoever has it, who may not have it for ever. */
  | { readonly kind: 'gave way'; readonly why: string };

export interface RacerRun {
  /** Never rejects. */
  readonly ended: Promise<RacerEnd>;
  /** Asks it to end and to take down what it set up. */
  stop(): void;
  /** Ends it at once. */
  kill(): void;
}

/** What may win the race for the password: a plugin, or a prompt. */
export interface Racer {
  readonly name: string;
  /** @throws MandosError when it cannot be started */
  start(): RacerRun;
}
