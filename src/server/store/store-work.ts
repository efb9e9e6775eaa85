/** What the store is doing about the changes that are not durable yet. */
export type Work =
  | { readonly kind: 'idle' }
  /** At the end of this turn of the event loop. */
  | { readonly kind: 'scheduled' }
  | { readonly kind: 'writing' }
  /** The disk refused; it is tried again. */
  | { readonly kind: 'waiting'; readonly timer: NodeJS.Timeout }
  | { readonly kind: 'failed'; readonly error: unknown }
  | { readonly kind: 'closed' };
