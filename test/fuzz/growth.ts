import { readdirSync } from 'node:fs';
import process from 'node:process';

interface Usage {
  readonly memory: number;
  readonly descriptors: number;
}

const MEMORY_ALLOWED = 48 * 1024 * 1024;
const DESCRIPTORS_ALLOWED = 32;

/** Watches for what is never given back: memory, in or out of the heap, and descriptors (N5). */
export class GrowthWatch {
  readonly #start = usage();

  /** A sentence about what has grown since the start; undefined when nothing has. */
  complaint(): string | undefined {
    const now = usage();
    if (now.descriptors > this.#start.descriptors + DESCRIPTORS_ALLOWED) {
      return `open descriptors grew from ${this.#start.descriptors} to ${now.descriptors}`;
    }
    if (now.memory > this.#start.memory + MEMORY_ALLOWED) {
      const [before, after] = [this.#start.memory, now.memory].map((bytes) => bytes >> 20);
      return `memory grew from ${before} to ${after} MiB`;
    }
    return undefined;
  }
}

function usage(): Usage {
  globalThis.gc?.();
  const { heapUsed, external } = process.memoryUsage();
  return { memory: heapUsed + external, descriptors: readdirSync('/proc/self/fd').length };
}
