import type { MandosError } from '../../core/error.ts';

/** What the store is doing about the changes that are not durable yet. */
export type Work =
  | { readonly kind: 'idle' }
  /** At the end of this turn of the event loop. */
  | { readonly kind: 'scheduled' }
  | { readonly kind: 'writing' }
  /** The disk refused; it is tried again. */
  | { readonly kind: 'waiting'; readonly timer: NodeJS.Timeout }
  /** Its thread is gone. */
  | { readonly kind: 'failed'; readonly error: MandosError }
  | { readonly kind: 'closed' };
