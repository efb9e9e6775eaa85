import { writeFileSync } from 'node:fs';

/**
 * What ps, top and the journal are to call this process, of which the kernel keeps 15 bytes
 * (proc(5), comm). The runtime names its threads; its first one, and so every program, would be
 * `node-MainThread`.
 */
export function nameProcess(name: string): void {
  try {
    writeFileSync('/proc/self/comm', name, { flag: 'r+' });
  } catch {
    // Without /proc it goes without a name.
  }
}
