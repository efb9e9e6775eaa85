import type { LedgerChange } from '../core/ledger-entry.ts';
import type { Blob } from '../core/secret.ts';
import type { StoredClient } from '../core/stored-client.ts';

/** One client's new state, to be stored as a whole. */
export interface ClientChange {
  readonly row: StoredClient;
  /** What the ledger has to tell beside it (F1), or null. */
  readonly ledger: LedgerChange | null;
  /** The secret when it is another than before; still the caller's. */
  readonly secret: Blob | null;
}

/** What the living clients need of the store. */
export interface ClientSaver {
  /** Resolves when the change is durable; rejects when it will never be (F2). */
  save(change: ClientChange): Promise<void>;
  /** Whether nothing can be stored at the moment. */
  readonly failing: boolean;
}

/** Where the clients of a server that keeps nothing are "stored". */
export const noStore: ClientSaver = { save: () => Promise.resolve(), failing: false };
