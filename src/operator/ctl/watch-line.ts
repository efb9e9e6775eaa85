/**
 * The lines of `mandos-ctl --watch`: stable. Each is an object with `time` (when it was heard,
 * RFC 3339) and `event`; the rest depends on the event:
 *
 *     server-found        clients: how many it has
 *     server-lost         reason
 *     client-added        client, properties: as in --dump-json
 *     client-removed      client
 *     client-not-found    key_id, address: of somebody who proved a key that no client has
 *     properties-changed  client, properties: only those that changed; secret_changed
 *     checker-started     client, command
 *     checker-completed   client, exit_status (-1: it did not exit by itself), wait_status, command
 *     got-secret          client
 *     rejected            client, reason
 *     need-approval       client, timeout: in milliseconds; approved_by_default
 */
import type { ClientView } from '../server/client-view.ts';
import type { ServerEvent } from '../server/server-event.ts';
import { asciiJson } from './ascii-json.ts';
import { shownProperties } from './client-json.ts';

/** Gives each event its line, and remembers which client is at which path. */
export class WatchLines {
  readonly #only: ReadonlySet<string>;
  readonly #names = new Map<string, string>();

  /** @param only the names of the clients of which to tell; all when there are none */
  constructor(only: readonly string[]) {
    this.#only = new Set(only);
  }

  /** Null when the event is about none of the clients of which to tell. */
  line(event: ServerEvent, time: Date): string | null {
    const { client, ...fields } = this.#fields(event);
    const about = event.kind.startsWith('server-') || this.#only.size === 0;
    if (!about && (client === undefined || !this.#only.has(client))) return null;
    const named = client === undefined ? {} : { client };
    return `${asciiJson({ time: time.toISOString(), event: event.kind, ...named, ...fields })}\n`;
  }

  #fields(event: ServerEvent): Readonly<Record<string, unknown>> & { readonly client?: string } {
    switch (event.kind) {
      case 'server-found':
        this.#names.clear();
        for (const client of event.clients) this.#learn(client);
        return { clients: event.clients.length };
      case 'server-lost':
        return { reason: event.why.message };
      case 'client-added':
        this.#learn(event.client);
        return { client: event.client.Name, properties: shownProperties(event.client) };
      case 'client-removed': {
        const client = this.#name(event.path);
        this.#names.delete(event.path);
        return { client };
      }
      case 'client-not-found':
        return { key_id: event.keyId, address: event.address };
      case 'properties-changed': {
        const { path, changes: properties, secret } = event;
        return { client: this.#name(path), properties, secret_changed: secret };
      }
      case 'checker-started':
        return { client: this.#name(event.path), command: event.command };
      case 'checker-completed': {
        const { path, exitStatus, waitStatus, command } = event;
        const client = this.#name(path);
        return { client, exit_status: exitStatus, wait_status: waitStatus, command };
      }
      case 'got-secret':
        return { client: this.#name(event.path) };
      case 'rejected':
        return { client: this.#name(event.path), reason: event.reason };
      case 'need-approval': {
        const { path, timeout, approvedByDefault } = event;
        return { client: this.#name(path), timeout, approved_by_default: approvedByDefault };
      }
    }
  }

  #learn(client: ClientView): void {
    this.#names.set(client.path, client.Name);
  }

  /** The path of a client that the server never told of. */
  #name(path: string): string {
    return this.#names.get(path) ?? path;
  }
}
