/** A sorted list that never changes: every change gives a new one that shares nearly all of it. */

interface Keyed {
  readonly key: string;
}

/** Changing one item copies this many at most, however long the list is. */
const LONGEST_CHUNK = 128;

/** Items in the order of their keys, each key once. */
export class SortedList<T extends Keyed> {
  /** None of them is empty. */
  readonly #chunks: readonly (readonly T[])[];
  readonly size: number;

  private constructor(chunks: readonly (readonly T[])[]) {
    this.#chunks = chunks;
    this.size = chunks.reduce((sum, chunk) => sum + chunk.length, 0);
  }

  /** Of items with the same key the last one stays. */
  static of<T extends Keyed>(items: Iterable<T>): SortedList<T> {
    const byKey = new Map<string, T>();
    for (const item of items) byKey.set(item.key, item);
    const sorted = [...byKey.values()].sort((one, other) => (one.key < other.key ? -1 : 1));
    return new SortedList(inChunks(sorted));
  }

  find(key: string): T | undefined {
    const chunk = this.#chunks[this.#chunkFor(key)] ?? [];
    const item = chunk[firstNotBelow(chunk, key)];
    return item?.key === key ? item : undefined;
  }

  /** How many keys are smaller: the index of `key`, or where it would be. */
  rank(key: string): number {
    const at = this.#chunkFor(key);
    const before = this.#chunks.slice(0, at).reduce((sum, chunk) => sum + chunk.length, 0);
    return before + firstNotBelow(this.#chunks[at] ?? [], key);
  }

  at(index: number): T | undefined {
    return this.slice(index, index + 1)[0];
  }

  /** The items from `start` up to and without `end`. */
  slice(start: number, end: number): T[] {
    const found: T[] = [];
    let first = 0;
    for (const chunk of this.#chunks) {
      if (first >= end) break;
      if (first + chunk.length > start) {
        found.push(...chunk.slice(Math.max(0, start - first), end - first));
      }
      first += chunk.length;
    }
    return found;
  }

  /** With this item, in the place of the one with the same key if there is one. */
  with(item: T): SortedList<T> {
    const at = Math.min(this.#chunkFor(item.key), this.#chunks.length - 1);
    const chunk = this.#chunks[at] ?? [];
    const index = firstNotBelow(chunk, item.key);
    const replaced = chunk[index]?.key === item.key ? 1 : 0;
    return this.#replaced(at, chunk.toSpliced(index, replaced, item));
  }

  without(key: string): SortedList<T> {
    if (this.find(key) === undefined) return this;
    const at = this.#chunkFor(key);
    const chunk = this.#chunks[at] ?? [];
    return this.#replaced(at, chunk.toSpliced(firstNotBelow(chunk, key), 1));
  }

  filter(keep: (item: T) => boolean): SortedList<T> {
    return new SortedList(inChunks([...this].filter(keep)));
  }

  *[Symbol.iterator](): Iterator<T> {
    for (const chunk of this.#chunks) yield* chunk;
  }

  #replaced(at: number, chunk: readonly T[]): SortedList<T> {
    return new SortedList(this.#chunks.toSpliced(Math.max(at, 0), 1, ...inChunks(chunk)));
  }

  /** The chunk that holds `key` or is the place for it; one too far when it is above all. */
  #chunkFor(key: string): number {
    return firstIndex(this.#chunks.length, (at) => (this.#chunks[at]?.at(-1)?.key ?? '') >= key);
  }
}

function inChunks<T>(items: readonly T[]): (readonly T[])[] {
  const count = Math.ceil(items.length / LONGEST_CHUNK);
  // Equal parts: a chunk that has just grown too long becomes two halves with room to grow.
  const length = Math.ceil(items.length / count);
  return Array.from({ length: count }, (_, at) => items.slice(at * length, (at + 1) * length));
}

function firstNotBelow(items: readonly Keyed[], key: string): number {
  return firstIndex(items.length, (index) => (items[index]?.key ?? '') >= key);
}

/** The first index of which `isSo` is true, when it is true of all that follow. */
function firstIndex(length: number, isSo: (index: number) => boolean): number {
  let low = 0;
  let high = length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (isSo(middle)) high = middle;
    else low = middle + 1;
  }
  return low;
}
