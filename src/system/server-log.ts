import { existsSync } from 'node:fs';
import type { Log, LogLevel } from '../core/log.ts';
import { stderrLog } from './stderr-log.ts';
import { syslog } from './syslog.ts';

const SYSLOG_SOCKET = '/dev/log';

/**
 * Where the server's lines go: to the system log, and with debug to standard error too.
 * Without a system log they go to standard error in the foreground rather than nowhere.
 */
export function serverLog(settings: {
  readonly debug: boolean;
  readonly debugLevel: LogLevel | null;
  readonly foreground: boolean;
}): Log {
  const level = settings.debugLevel ?? (settings.debug ? 'debug' : 'warning');
  const logs: Log[] = [syslog('Mandos', level, SYSLOG_SOCKET)];
  if (settings.debug || (settings.foreground && !existsSync(SYSLOG_SOCKET))) {
    logs.push(stderrLog('mandos', level));
  }
  return {
    log(lineLevel, message) {
      for (const log of logs) log.log(lineLevel, message);
    },
  };
}
