import { type Cancellation, orCancelled } from '../core/cancellation.ts';
import type { KeyId } from '../core/key-id.ts';
import type { SecretAnswer, SecretSource } from './secret-source.ts';

/** How the asking ended. */
export type Asked =
  | SecretAnswer
  | { readonly kind: 'stopped' }
  | { readonly kind: 'failed'; readonly problem: unknown };

/** The reason to stop waiting when the server stops. */
export class Stopped extends Error {
  override readonly name = 'Stopped';
}

/**
 * What the owner of the key gets. Rejects with the reason of `wait` when that ends before there is
 * an answer, but for `Stopped`.
 */
export async function askForSecret(
  secrets: SecretSource,
  keyId: KeyId,
  peer: string,
  wait: Cancellation,
): Promise<Asked> {
  const request = secrets.request(keyId, peer, wait);
  // An answer that comes after we stopped waiting is wiped, whoever it was for (N4, S4).
  const late = (answer: SecretAnswer): void => {
    if (answer.kind === 'secret') answer.blob[Symbol.dispose]();
  };
  try {
    return await orCancelled(request, wait);
  } catch (problem) {
    request.then(late, () => undefined);
    if (problem instanceof Stopped) return { kind: 'stopped' };
    if (wait.aborted) throw problem;
    return { kind: 'failed', problem };
  }
}
