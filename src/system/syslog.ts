import { LOG_LEVELS, type Log, type LogLevel } from '../core/log.ts';
import {
  closeDescriptor,
  type Descriptor,
  sendDatagram,
  unixDatagramSocket,
} from '../native/libc.ts';
import { levelName, safeLine } from './log-text.ts';

/** RFC 5424, section 6.2.1: severities. */
const SEVERITY: Readonly<Record<LogLevel, number>> = {
  critical: 2,
  error: 3,
  warning: 4,
  info: 6,
  debug: 7,
};
const FACILITY_DAEMON = 3;

/** A syslog daemon takes about this much in one datagram. */
const MAX_MESSAGE = 2_000;

/**
 * Log lines to the system log, as the original sends them: `Mandos [PID]: LEVEL: message`.
 * It never waits: with the daemon gone or its queue full the line is dropped, and the
 * next line connects again.
 * @param tag the program's name in the log
 */
export function syslog(tag: string, level: LogLevel, path = '/dev/log'): Log {
  const limit = LOG_LEVELS.indexOf(level);
  let socket: Descriptor | null = null;
  const send = (bytes: Uint8Array): boolean => {
    try {
      socket ??= unixDatagramSocket(path);
      sendDatagram(socket, bytes);
      return true;
    } catch {
      if (socket !== null) closeDescriptor(socket);
      socket = null;
      return false;
    }
  };
  return {
    log(lineLevel, message) {
      if (LOG_LEVELS.indexOf(lineLevel) > limit) return;
      const text = safeLine(message).slice(0, MAX_MESSAGE);
      const priority = FACILITY_DAEMON * 8 + SEVERITY[lineLevel];
      const line = `<${priority}>${tag} [${process.pid}]: ${levelName(lineLevel)}: ${text}\0`;
      const bytes = new TextEncoder().encode(line);
      if (!send(bytes)) send(bytes);
    },
  };
}
