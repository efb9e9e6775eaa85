import type { KeyId } from '../core/key-id.ts';
import type { ServerPhase } from './server-phases.ts';

/** How a conversation ended. */
export type ServerEnding =
  | { readonly kind: 'sent'; readonly keyId: KeyId }
  | { readonly kind: 'refused'; readonly keyId: KeyId }
  | { readonly kind: 'left'; readonly phase: ServerPhase }
  | { readonly kind: 'too-slow'; readonly phase: ServerPhase }
  | { readonly kind: 'bad-hello'; readonly problem: string }
  | { readonly kind: 'bad-tls'; readonly problem: string }
  | { readonly kind: 'stopped'; readonly phase: ServerPhase }
  /** The secret source failed; nothing was sent. */
  | { readonly kind: 'failed'; readonly problem: unknown };
