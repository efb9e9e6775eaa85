/**
 * The part of an `AbortSignal` that engine-neutral code relies on. Every `AbortSignal` is
 * one; QuickJS, which has none, can be given a small class.
 */
export interface Cancellation {
  readonly aborted: boolean;
  readonly reason: unknown;
  addEventListener(type: 'abort', listener: () => void, options?: { once?: boolean }): void;
  removeEventListener(type: 'abort', listener: () => void): void;
}

/**
 * The promise's outcome, or a rejection with `signal.reason` as soon as the signal is
 * aborted. The promise is not stopped; a later failure of it is swallowed.
 */
export function orCancelled<T>(promise: Promise<T>, signal: Cancellation): Promise<T> {
  return new Promise((resolve, reject) => {
    const cancel = (): void => reject(signal.reason);
    if (signal.aborted) cancel();
    else signal.addEventListener('abort', cancel, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', cancel));
  });
}

/** A `Cancellation` and the way to cause it, for engines without `AbortController`. */
export class CancellationSource implements Cancellation {
  #state: { kind: 'waiting' } | { kind: 'aborted'; reason: unknown } = { kind: 'waiting' };
  readonly #listeners = new Set<() => void>();

  get aborted(): boolean {
    return this.#state.kind === 'aborted';
  }

  get reason(): unknown {
    return this.#state.kind === 'aborted' ? this.#state.reason : undefined;
  }

  addEventListener(_type: 'abort', listener: () => void): void {
    this.#listeners.add(listener);
  }

  removeEventListener(_type: 'abort', listener: () => void): void {
    this.#listeners.delete(listener);
  }

  /** Aborts, once: the first reason stays. */
  abort(reason: unknown): void {
    if (this.#state.kind === 'aborted') return;
    this.#state = { kind: 'aborted', reason };
    const listeners = [...this.#listeners];
    this.#listeners.clear();
    for (const listener of listeners) listener();
  }
}
