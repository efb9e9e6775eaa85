import type { Log, LogLevel } from '../../src/core/log.ts';

export interface LogLine {
  readonly level: LogLevel;
  readonly message: string;
}

/** A log that keeps its lines. */
export class RecordingLog implements Log {
  readonly lines: LogLine[] = [];

  log(level: LogLevel, message: string): void {
    this.lines.push({ level, message });
  }

  /** The messages at this level. */
  at(level: LogLevel): string[] {
    return this.lines.filter((line) => line.level === level).map((line) => line.message);
  }
}
