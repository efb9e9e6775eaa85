import { checkerAttributes } from '../core/checker-attributes.ts';
import { type CheckerCommand, expandChecker } from '../core/checker-command.ts';
import type { CheckId } from '../core/client.ts';
import { Checkers, type CheckersOptions } from './checkers.ts';
import type { LiveClient } from './live-client.ts';
import type { CheckRunner } from './live-clients.ts';

export interface ClientChecksContext extends Omit<CheckersOptions, 'tell'> {
  /** The client of that name, if there is one. */
  readonly find: (name: string) => LiveClient | undefined;
  /** The client's object on the bus; null where there is no bus. */
  readonly busPath: (name: string) => string | null;
}

/** Runs the checks that the clients' lives ask for, and tells the clients what came of them. */
export class ClientChecks implements CheckRunner {
  readonly #context: ClientChecksContext;
  readonly #checkers: Checkers;

  constructor(context: ClientChecksContext) {
    this.#context = context;
    const tell: CheckersOptions['tell'] = (name, event) => {
      // What cannot be stored is told to the operator by the client.
      context
        .find(name)
        ?.apply(event)
        .catch(() => undefined);
    };
    this.#checkers = new Checkers({ ...context, tell });
  }

  start(client: LiveClient, check: CheckId): void {
    const { life, checker } = client.state;
    // It may have been stopped, or its life may have ended, while its start was being stored.
    if (life.kind !== 'enabled' || checker.kind !== 'starting' || checker.check !== check) return;
    this.#checkers.start({
      client: client.name,
      check,
      expires: life.expires.boot,
      expand: () => this.#expand(client),
    });
  }

  stop(client: LiveClient): void {
    this.#checkers.stop(client.name);
  }

  /** Stops all of them for good. */
  async close(): Promise<void> {
    await this.#checkers.close();
  }

  #expand({ name, state }: LiveClient): CheckerCommand {
    return expandChecker(
      state.settings.checker,
      checkerAttributes(state, this.#context.busPath(name)),
    );
  }
}
