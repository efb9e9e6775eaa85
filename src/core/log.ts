/** The levels of the original's `--debuglevel`, most severe first. */
export const LOG_LEVELS = ['critical', 'error', 'warning', 'info', 'debug'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/**
 * Where a program tells what it does. The sink escapes what came from outside (L2); the
 * caller sees to it that a message holds no secret (S4).
 */
export interface Log {
  log(level: LogLevel, message: string): void;
}

/** A log that drops everything. */
export const silentLog: Log = { log: () => undefined };
