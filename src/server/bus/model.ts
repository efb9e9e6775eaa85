import type { Client } from '../../core/client.ts';
import type { ClientSignal, PropertyName } from '../../core/client-effect.ts';
import type { OperatorEvent } from '../../core/client-event.ts';
import type { Blob } from '../../core/secret.ts';

/**
 * All that the bus may know of the server and ask of it. Clients that were removed are in
 * none of the answers.
 */
export interface BusModel {
  /** As they are now, in the order of clients.conf. */
  clients(): Iterable<Client>;
  find(name: string): Client | undefined;
  /**
   * Resolves when the act is in force and durable (F2); rejects with `MandosError` when it
   * cannot take effect. Acts take effect in the order in which they are submitted.
   */
  submit(name: string, act: Exclude<OperatorEvent, { kind: 'set-secret' }>): Promise<void>;
  /** As `submit`. The model owns the secret from here on, also when it rejects. */
  setSecret(name: string, secret: Blob): Promise<void>;
  /** Tells of everything from now on, in order, once it is durable. Returns the way to stop. */
  subscribe(listener: ModelListener): () => void;
}

export interface ModelListener {
  added(client: Client): void;
  removed(name: string): void;
  /** `client` is as it is now. Names in the order in which they are to be told. */
  changed(client: Client, names: readonly PropertyName[]): void;
  signalled(client: Client, signal: ClientSignal): void;
  /** A peer proved to hold a key that no client has; `address` may have a scope (`%eth0`). */
  notFound(keyId: string, address: string): void;
}
