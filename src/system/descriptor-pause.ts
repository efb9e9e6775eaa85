/** How soon a descriptor that does not block is tried again. */
const PAUSE_MILLISECONDS = 10;

/** Waits until it is time to try again. */
export function pauseForDescriptor(): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, PAUSE_MILLISECONDS);
  });
}

/** As `pauseForDescriptor`, with the whole thread. */
export function pauseThreadForDescriptor(): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, PAUSE_MILLISECONDS);
}
