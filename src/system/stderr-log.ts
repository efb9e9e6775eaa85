import { writeSync } from 'node:fs';
import { LOG_LEVELS, type Log, type LogLevel } from '../core/log.ts';
import { levelName, safeLine } from './log-text.ts';

/** The time as the original prints it: `2024-01-31 23:59:59,123`, local time. */
function timestamp(date: Date): string {
  const two = (value: number): string => String(value).padStart(2, '0');
  const day = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  const time = `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
  return `${day} ${time},${String(date.getMilliseconds()).padStart(3, '0')}`;
}

/** Log lines on standard error, down to `level`: time, program, process, level, message. */
export function stderrLog(program: string, level: LogLevel): Log {
  const limit = LOG_LEVELS.indexOf(level);
  return {
    log(lineLevel, message) {
      if (LOG_LEVELS.indexOf(lineLevel) > limit) return;
      const head = `${timestamp(new Date())} ${program} [${process.pid}]: ${levelName(lineLevel)}: `;
      try {
        writeSync(2, `${head}${safeLine(message)}\n`);
      } catch {
        // Nobody reads it, or the disk behind it is full; the server goes on.
      }
    },
  };
}
