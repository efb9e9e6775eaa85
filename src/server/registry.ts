import type { KeyId } from '../core/key-id.ts';
import { Blob } from '../core/secret.ts';
import type { Duration } from '../core/time.ts';

/** What the gate must know of a client. */
export interface RegisteredClient {
  readonly name: string;
  readonly keyId: KeyId;
  readonly blob: Blob;
  readonly enabled: boolean;
  readonly approvedByDefault: boolean;
  readonly approvalDelay: Duration;
}

/** The clients by key ID. A key ID that two clients claim belongs to neither (S5). */
export class Registry implements Disposable {
  readonly #byKeyId = new Map<KeyId, RegisteredClient>();
  readonly #claimedTwice = new Set<KeyId>();

  add(client: RegisteredClient): void {
    if (this.#claimedTwice.has(client.keyId)) return;
    if (this.#byKeyId.has(client.keyId)) {
      this.#byKeyId.delete(client.keyId);
      this.#claimedTwice.add(client.keyId);
      return;
    }
    this.#byKeyId.set(client.keyId, client);
  }

  find(keyId: KeyId): RegisteredClient | undefined {
    return this.#byKeyId.get(keyId);
  }

  get size(): number {
    return this.#byKeyId.size;
  }

  /** Wipes all secrets. */
  [Symbol.dispose](): void {
    for (const client of this.#byKeyId.values()) client.blob[Symbol.dispose]();
    this.#byKeyId.clear();
  }
}

/** A copy of the client's blob for one conversation, which wipes it. */
export function blobFor(client: RegisteredClient): Blob {
  return new Blob(client.blob.bytes.slice());
}
