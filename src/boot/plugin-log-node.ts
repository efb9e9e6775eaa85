import { LOG_LEVELS, type Log, type LogLevel } from '../core/log.ts';
import { tellConsole } from '../system/console-lines.ts';
import { safeLine } from '../system/log-text.ts';

/**
 * Log lines on standard error as the original's plugins write them, without a time: the
 * clock may be wrong at boot, and the console is narrow.
 * @param level lines less severe are dropped
 */
export function pluginLog(plugin: string, level: LogLevel): Log {
  const limit = LOG_LEVELS.indexOf(level);
  return {
    log(lineLevel, message) {
      if (LOG_LEVELS.indexOf(lineLevel) > limit) return;
      tellConsole(`Mandos plugin ${plugin}: ${safeLine(message)}\n`);
    },
  };
}
