import type { Cancellation } from '../core/cancellation.ts';
import type { KeyId } from '../core/key-id.ts';
import type { Blob } from '../core/secret.ts';

/** What a client may have now. The blob is the receiver's to wipe. */
export type SecretAnswer =
  | { readonly kind: 'secret'; readonly blob: Blob }
  | { readonly kind: 'refused' };

/** All that the network side may ask of the server: what does the owner of this key get? */
export interface SecretSource {
  /**
   * @param keyId the key that the peer has proven to hold
   * @param peer the peer's address, for the log and for D-Bus
   * @param left aborted when the peer is gone; the answer is then of no use to anyone (N4)
   */
  request(keyId: KeyId, peer: string, left: Cancellation): Promise<SecretAnswer>;
  /** The secret that the last `request` for this key gave has gone out. */
  sent(keyId: KeyId, peer: string): void;
}
