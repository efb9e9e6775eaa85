/** The log window: what was told, the newest at the bottom, and how far it is scrolled up. */
import type { WallTime } from '../../core/time.ts';
import type { Line } from './frame.ts';
import { type Charset, screenText } from './screen-text.ts';
import { clip, wrapAnywhere } from './text-width.ts';

/** Older ones are forgotten. */
export const MOST_ENTRIES = 1000;

interface Entry {
  readonly id: number;
  readonly text: string;
  readonly bold: boolean;
}

/** Where the window ends: this many lines before the end of an entry. */
interface Bottom {
  readonly id: number;
  readonly hidden: number;
}

export interface LogPane {
  readonly entries: readonly Entry[];
  readonly nextId: number;
  readonly visible: boolean;
  readonly wrapped: boolean;
  readonly verbose: boolean;
  /** Null while the window follows what is new. */
  readonly bottom: Bottom | null;
}

export const EMPTY_LOG: LogPane = {
  entries: [],
  nextId: 0,
  visible: true,
  wrapped: true,
  verbose: false,
  bottom: null,
};

/** With one more entry. `text` may come from outside. */
export function withEntry(log: LogPane, text: string, charset: Charset, bold = false): LogPane {
  const entry = { id: log.nextId, text: screenText(text, charset), bold };
  const kept = log.entries.length < MOST_ENTRIES ? log.entries : log.entries.slice(1);
  return { ...log, entries: [...kept, entry], nextId: log.nextId + 1 };
}

/** The moment as the log shows it, in the zone of whoever looks. */
export function stamp(now: WallTime): string {
  const time = new Date(now);
  const digits = (count: number, length = 2): string => String(count).padStart(length, '0');
  const day = [
    digits(time.getFullYear(), 4),
    digits(time.getMonth() + 1),
    digits(time.getDate()),
  ].join('-');
  const clock = [time.getHours(), time.getMinutes(), time.getSeconds()];
  return `${day} ${clock.map((part) => digits(part)).join(':')},${digits(time.getMilliseconds(), 3)}`;
}

/** The last `rows` lines above the bottom. */
export function logLines(log: LogPane, columns: number, rows: number): Line[] {
  const { index, hidden } = bottomOf(log, columns);
  const lines: Line[] = [];
  for (let at = index; at >= 0 && lines.length < rows + hidden; at--) {
    const entry = log.entries[at];
    if (entry === undefined) break;
    const style = entry.bold ? 'bold' : 'plain';
    const own = entryLines(log, entry, columns).map((text): Line => ({ text, style }));
    lines.unshift(...own);
  }
  return lines.slice(0, lines.length - hidden).slice(-rows);
}

/** Scrolled by a number of lines; negative is up. The window stays full while it can. */
export function scrolledLog(log: LogPane, by: number, columns: number, rows: number): LogPane {
  let { index, hidden } = bottomOf(log, columns);
  hidden -= by;
  while (hidden < 0 && index < log.entries.length - 1) {
    index++;
    hidden += heightAt(log, index, columns);
  }
  while (index > 0 && hidden >= heightAt(log, index, columns)) {
    hidden -= heightAt(log, index, columns);
    index--;
  }
  const entry = log.entries[index];
  if (entry === undefined || (hidden <= 0 && index === log.entries.length - 1)) {
    return { ...log, bottom: null };
  }
  const moved = { ...log, bottom: { id: entry.id, hidden } };
  const missing = rows - logLines(moved, columns, rows).length;
  // At the beginning there is nothing above to fill the window with.
  return missing > 0 && by < 0 ? scrolledLog(moved, missing, columns, rows) : moved;
}

function bottomOf({ entries, bottom, ...log }: LogPane, columns: number) {
  const last = entries.length - 1;
  if (bottom === null) return { index: last, hidden: 0 };
  const index = bottom.id - (entries[0]?.id ?? 0);
  if (index < 0) return { index: 0, hidden: 0 };
  const entry = entries[index];
  const height = entry === undefined ? 0 : entryLines(log, entry, columns).length;
  return { index, hidden: Math.min(bottom.hidden, Math.max(0, height - 1)) };
}

function heightAt(log: LogPane, index: number, columns: number): number {
  const entry = log.entries[index];
  return entry === undefined ? 0 : entryLines(log, entry, columns).length;
}

function entryLines({ wrapped }: Pick<LogPane, 'wrapped'>, { text }: Entry, columns: number) {
  return wrapped ? wrapAnywhere(text, columns) : [clip(text, columns)];
}
