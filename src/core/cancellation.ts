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
