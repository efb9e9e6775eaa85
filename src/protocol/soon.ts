/** More turns of the microtask queue than an answer takes that nobody has to wait for. */
const TURNS = 32;

/** The promise's value when it is there at once, or null. */
export async function soon<T>(promise: Promise<T>): Promise<T | null> {
  let found: { readonly value: T } | null = null;
  promise.then(
    (value) => {
      found = { value };
    },
    () => undefined, // whoever waits for the promise learns of it
  );
  for (let turn = 0; turn < TURNS; turn++) {
    await null;
    const there = found as { readonly value: T } | null;
    if (there !== null) return there.value;
  }
  return null;
}
