import { writeSync } from 'node:fs';
import type { Log } from '../../core/log.ts';
import { safeLine } from '../../system/log-text.ts';

/** Log lines on standard error, each with the program's name; the journal adds the time. */
export function agentLog(): Log {
  return {
    log(_level, message) {
      try {
        writeSync(2, `password-agent: ${safeLine(message)}\n`);
      } catch {
        // Nobody reads it; the password matters more.
      }
    },
  };
}
