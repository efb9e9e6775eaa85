import type { Cancellation } from '../../core/cancellation.ts';
import type { Log } from '../../core/log.ts';
import type { Password } from '../../core/secret.ts';
import type { Clock } from '../../core/time.ts';
import type { SendOutcome } from './agent-state.ts';
import type { QuestionFile } from './standing.ts';

/** What the password agent needs of a machine; `agent-machine-node.ts` is Node's. */
export interface AgentMachine {
  readonly clock: Clock;
  readonly log: Log;
  /** Aborted when a signal asks the program to end. */
  readonly stop: Cancellation;

  /** CLOCK_MONOTONIC in microseconds, by which questions expire. */
  monotonic(): number;

  /**
   * The question files that are there now.
   * @throws MandosError `file-missing` when there is no agent directory, `file-unreadable`
   */
  questions(): readonly QuestionFile[];

  /**
   * Calls `changed` after the agent directory has changed; not everything is seen.
   * Returns a function that ends it.
   */
  watch(changed: () => void): () => void;

  isAlive(pid: number): boolean;

  /** @throws MandosError `privileges` */
  startClient(): ClientRun;

  /** Sends one datagram to the socket at this path, and never waits. */
  send(path: string, packet: Uint8Array): Sent;

  /** Lines that `remember` kept, in an earlier run as well. */
  remembered(): readonly string[];
  /** Keeps a line until the machine is switched off, as far as that can be done. */
  remember(line: string): void;
}

/** `why` is for people. */
export type Sent = { readonly outcome: SendOutcome; readonly why: string };

export interface ClientRun {
  /** Never rejects. The receiver wipes the password. */
  readonly ended: Promise<ClientEnd>;
  /** Asks it to end, or makes it end. Harmless once it has. */
  signal(signal: 'SIGTERM' | 'SIGKILL'): void;
}

export type ClientEnd =
  | { readonly kind: 'password'; readonly password: Password }
  | { readonly kind: 'failed'; readonly why: string }
  /** It could not even be started. */
  | { readonly kind: 'unstartable'; readonly why: string };
