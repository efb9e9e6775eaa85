import type { Instant } from '../core/time.ts';
import { formatServer, type ServerAddress } from './server-address.ts';

/** Servers remembered at once (N6): anyone on the network can announce any number. */
export const MAX_SERVERS = 64;

/** due → (take) asked → (again) due; and gone from either. */
type Turn = { readonly kind: 'due'; readonly at: Instant } | { readonly kind: 'asked' };

interface Entry {
  readonly server: ServerAddress;
  readonly turn: Turn;
}

/** Whose turn it is to be asked: of all that are due, who has been due longest. Pure. */
export class ServerRotation {
  readonly #entries = new Map<string, Entry>();

  /** False when there is no room. One that is known already keeps its turn. */
  add(server: ServerAddress, now: Instant): boolean {
    const name = formatServer(server);
    if (this.#entries.has(name)) return true;
    if (this.#entries.size >= MAX_SERVERS) return false;
    this.#entries.set(name, { server, turn: { kind: 'due', at: now } });
    return true;
  }

  remove(server: ServerAddress): void {
    this.#entries.delete(formatServer(server));
  }

  /** The server to ask now, which is then asked; undefined when none is due. */
  take(now: Instant): ServerAddress | undefined {
    const first = this.#firstDue();
    if (first === undefined || first.at > now) return undefined;
    this.#entries.set(formatServer(first.server), {
      server: first.server,
      turn: { kind: 'asked' },
    });
    return first.server;
  }

  /** A server that was asked is to be asked again at that moment, unless it has gone since. */
  again(server: ServerAddress, at: Instant): void {
    const name = formatServer(server);
    if (this.#entries.get(name)?.turn.kind !== 'asked') return;
    this.#entries.set(name, { server, turn: { kind: 'due', at } });
  }

  /** When `take` will have a server; undefined when all there are are being asked. */
  get nextDue(): Instant | undefined {
    return this.#firstDue()?.at;
  }

  #firstDue(): { readonly server: ServerAddress; readonly at: Instant } | undefined {
    let first: { readonly server: ServerAddress; readonly at: Instant } | undefined;
    for (const { server, turn } of this.#entries.values()) {
      if (turn.kind !== 'due') continue;
      if (first === undefined || turn.at < first.at) first = { server, at: turn.at };
    }
    return first;
  }
}
