import { readFileSync } from 'node:fs';
import { setConsoleLogLevel } from '../native/libc-kernel-log.ts';

/** Warnings and worse still get through. */
const QUIET_LEVEL = 5;

/**
 * Keeps the kernel's chatter about interfaces off the console, where somebody may be typing
 * a password. Returns how to undo it; null when there is nothing to do.
 * @throws SystemCallError without CAP_SYSLOG
 */
export function quietenKernel(printkFile = '/proc/sys/kernel/printk'): (() => void) | null {
  let before: number;
  try {
    before = Number.parseInt(readFileSync(printkFile, 'latin1'), 10);
  } catch {
    // Without /proc the level cannot be put back as it was.
    return null;
  }
  if (!(before > QUIET_LEVEL)) return null;
  setConsoleLogLevel(QUIET_LEVEL);
  return () => setConsoleLogLevel(before);
}
