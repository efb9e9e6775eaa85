/** What a watch on the server told, for tests that wait for it. */
import type { ServerEvent } from '../../../src/operator/server/server-event.ts';

type Kind = ServerEvent['kind'];
type Of<K extends Kind> = Extract<ServerEvent, { readonly kind: K }>;

export class EventCollector {
  readonly events: ServerEvent[] = [];
  #wake = Promise.withResolvers<void>();

  readonly tell = (event: ServerEvent): void => {
    this.events.push(event);
    this.#wake.resolve();
    this.#wake = Promise.withResolvers<void>();
  };

  get kinds(): Kind[] {
    return this.events.map(({ kind }) => kind);
  }

  /** Waits for the first event of that kind that was not taken yet; it and all before it are taken. */
  async until<K extends Kind>(kind: K): Promise<Of<K>> {
    for (;;) {
      while (this.events.length > 0) {
        const event = this.events.shift();
        if (event?.kind === kind) return event as Of<K>;
      }
      await this.#wake.promise;
    }
  }
}
