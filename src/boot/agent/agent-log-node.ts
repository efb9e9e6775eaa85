import type { Log } from '../../core/log.ts';
import { tellConsole } from '../../system/console-lines.ts';
import { safeLine } from '../../system/log-text.ts';

/** Log lines on standard error, each with the program's name; the journal adds the time. */
export function agentLog(): Log {
  return {
    log(_level, message) {
      tellConsole(`password-agent: ${safeLine(message)}\n`);
    },
  };
}
