/** The kernel's log on the console. Numbers are Linux's. */
import { dlopen, getInt32 } from 'node:ffi';
import { SystemCallError } from './libc.ts';

const { functions: libc } = dlopen(null, {
  __errno_location: { arguments: [], return: 'pointer' },
  klogctl: { arguments: ['int32', 'pointer', 'int32'], return: 'int32' },
});

const SYSLOG_ACTION_CONSOLE_LEVEL = 8;

/**
 * Lets only kernel messages below this level (1 to 8) through to the console (syslog(2)).
 * @throws SystemCallError, EPERM without CAP_SYSLOG
 */
export function setConsoleLogLevel(level: number): void {
  if (libc.klogctl(SYSLOG_ACTION_CONSOLE_LEVEL, 0n, level) < 0) {
    throw new SystemCallError('syslog', getInt32(libc.__errno_location()));
  }
}
