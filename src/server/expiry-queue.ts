import type { Instant } from '../core/time.ts';

interface Entry<T> {
  readonly expires: Instant;
  /** Of two that expire together the earlier one comes first. */
  readonly turn: number;
  readonly key: string;
  readonly value: T;
}

/** Things under a name each, taken out earliest expiry first. A binary heap. */
export class ExpiryQueue<T> {
  readonly #heap: Entry<T>[] = [];
  /** The entry that counts under each name; others in the heap are passed over. */
  readonly #live = new Map<string, Entry<T>>();
  #turn = 0;

  get size(): number {
    return this.#live.size;
  }

  /** Adds it, in place of what there was under that name. */
  put(key: string, expires: Instant, value: T): void {
    const entry = { expires, turn: this.#turn++, key, value };
    this.#live.set(key, entry);
    this.#heap.push(entry);
    this.#rise(this.#heap.length - 1);
    if (this.#heap.length > 64 && this.#heap.length > 2 * this.#live.size) this.#rebuild();
  }

  /** False when there was nothing under that name. */
  remove(key: string): boolean {
    return this.#live.delete(key);
  }

  /** Takes out the one that expires first; undefined when there is none. */
  take(): T | undefined {
    for (let entry = this.#takeTop(); entry !== undefined; entry = this.#takeTop()) {
      if (this.#live.get(entry.key) !== entry) continue;
      this.#live.delete(entry.key);
      return entry.value;
    }
    return undefined;
  }

  /** When the first of them expires; undefined when there is none. */
  get next(): Instant | undefined {
    for (let [top] = this.#heap; top !== undefined; [top] = this.#heap) {
      if (this.#live.get(top.key) === top) return top.expires;
      this.#takeTop();
    }
    return undefined;
  }

  clear(): void {
    this.#heap.length = 0;
    this.#live.clear();
  }

  #takeTop(): Entry<T> | undefined {
    const [top] = this.#heap;
    const last = this.#heap.pop();
    if (top === undefined || last === undefined || this.#heap.length === 0) return top;
    this.#heap[0] = last;
    this.#sink();
    return top;
  }

  #rebuild(): void {
    // A sorted array is a heap.
    const entries = [...this.#live.values()].sort((a, b) => (before(a, b) ? -1 : 1));
    this.#heap.length = 0;
    for (const entry of entries) this.#heap.push(entry);
  }

  #rise(from: number): void {
    let place = from;
    while (place > 0) {
      const above = (place - 1) >> 1;
      if (!this.#swapIfBefore(place, above)) return;
      place = above;
    }
  }

  #sink(): void {
    for (let place = 0; ; ) {
      const left = 2 * place + 1;
      const right = left + 1;
      const smaller = this.#isBefore(right, left) ? right : left;
      if (!this.#swapIfBefore(smaller, place)) return;
      place = smaller;
    }
  }

  #isBefore(first: number, second: number): boolean {
    const [a, b] = [this.#heap[first], this.#heap[second]];
    return a !== undefined && b !== undefined && before(a, b);
  }

  #swapIfBefore(lower: number, upper: number): boolean {
    const [a, b] = [this.#heap[lower], this.#heap[upper]];
    if (a === undefined || b === undefined || !before(a, b)) return false;
    this.#heap[upper] = a;
    this.#heap[lower] = b;
    return true;
  }
}

function before<T>(a: Entry<T>, b: Entry<T>): boolean {
  return a.expires === b.expires ? a.turn < b.turn : a.expires < b.expires;
}
