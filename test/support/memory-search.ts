import { closeSync, openSync, readFileSync, readSync } from 'node:fs';

/** How often the bytes occur in the memory of a process that goes on; root may look. */
export function countInMemory(pid: number, bytes: Uint8Array): number {
  const memory = openSync(`/proc/${pid}/mem`, 'r');
  try {
    let count = 0;
    for (const line of readFileSync(`/proc/${pid}/maps`, 'utf8').split('\n')) {
      const [, start, end] = /^([0-9a-f]+)-([0-9a-f]+) r/.exec(line) ?? [];
      if (start === undefined || end === undefined) continue;
      const region = readRegion(memory, Number.parseInt(start, 16), Number.parseInt(end, 16));
      for (let at = region.indexOf(bytes); at >= 0; at = region.indexOf(bytes, at + 1)) count++;
    }
    return count;
  } finally {
    closeSync(memory);
  }
}

/** As much of it as can be read; a device's memory cannot. */
function readRegion(memory: number, start: number, end: number): Buffer {
  const region = Buffer.alloc(end - start);
  let length = 0;
  try {
    while (length < region.length) {
      const count = readSync(memory, region, length, region.length - length, start + length);
      if (count === 0) break;
      length += count;
    }
  } catch {
    // The rest is not readable.
  }
  return region.subarray(0, length);
}
