import { readFileSync } from 'node:fs';

/** A name for the time since the machine was started (random(4)); empty when there is none. */
export function bootId(): string {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'latin1').trim();
  } catch {
    return '';
  }
}
