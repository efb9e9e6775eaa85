/** The bytes that turn one screen into the next: only what differs is sent. */
import type { Frame, Line } from './frame.ts';
import { isPlain } from './text-width.ts';

const STYLES: Readonly<Record<Line['style'], string>> = {
  plain: '',
  bold: '\x1b[1m',
  reverse: '\x1b[7m',
};

const EMPTY: Line = { text: '', style: 'plain' };

/**
 * What to send to a terminal that shows `before`, or anything when that is null, so that it
 * shows `after`. The cursor must not wrap at the end of a line (DECAWM off).
 */
export function paint(before: Frame | null, after: Frame): string {
  const fresh = before === null || !sameSize(before, after);
  const known = fresh ? [] : before.lines;
  const { columns, rows } = after.size;
  const changes = Array.from({ length: rows }, (_, row) => {
    const line = after.lines[row] ?? EMPTY;
    return change(known[row] ?? EMPTY, line, row, columns);
  }).join('');
  return fresh ? `\x1b[m\x1b[2J${changes}` : changes;
}

function sameSize({ size: one }: Frame, { size: other }: Frame): boolean {
  return one.columns === other.columns && one.rows === other.rows;
}

function change(before: Line, after: Line, row: number, columns: number): string {
  if (before.text === after.text && before.style === after.style) return '';
  const start = `\x1b[${row + 1};`;
  if (!isComparable(before, after)) {
    return `${start}1H\x1b[K${styled(after.text, after.style)}`;
  }
  const from = firstDifference(before.text, after.text);
  const text = after.text.slice(from, lastDifference(before.text, after.text));
  // After a full line the cursor is still on its last character, which would be erased.
  const isShorter = after.text.length < Math.min(before.text.length, columns);
  return `${start}${from + 1}H${styled(text, after.style)}${isShorter ? '\x1b[K' : ''}`;
}

function styled(text: string, style: Line['style']): string {
  return style === 'plain' ? text : `${STYLES[style]}${text}\x1b[m`;
}

/** Terminals agree for certain about the columns of ASCII only: other lines are sent whole. */
function isComparable(before: Line, after: Line): boolean {
  return before.style === after.style && isPlain(before.text) && isPlain(after.text);
}

function firstDifference(before: string, after: string): number {
  const longest = Math.min(before.length, after.length);
  let start = 0;
  while (start < longest && before[start] === after[start]) start++;
  return start;
}

function lastDifference(before: string, after: string): number {
  let end = after.length;
  if (before.length !== end) return end;
  while (end > 0 && before[end - 1] === after[end - 1]) end--;
  return end;
}
