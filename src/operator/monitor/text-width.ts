/** The width of screen text in columns, and cutting it into lines. */

/** What East Asian terminals and their fonts show twice as wide (UAX #11, Wide and Fullwidth). */
const WIDE =
  /[\p{Emoji_Presentation}\u1100-\u115f\u2329\u232a\u2e80-\u303e\u3041-\ua4cf\ua960-\ua97f\uac00-\ud7a3\uf900-\ufaff\ufe10-\ufe19\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{16fe0}-\u{18dff}\u{1aff0}-\u{1b2ff}\u{1d300}-\u{1d376}\u{1f200}-\u{1f2ff}\u{20000}-\u{3fffd}]/u;

const MARK = /\p{Mn}/u;

const ASCII = /^[\x20-\x7e]*$/;

/** Whether every character is one column wide on every terminal. */
export function isPlain(text: string): boolean {
  return ASCII.test(text);
}

/** How many columns `text` takes, after `screenText`; on some terminals it takes fewer. */
export function widthOf(text: string): number {
  if (isPlain(text)) return text.length;
  let width = 0;
  for (const char of text) width += charWidth(char);
  return width;
}

function charWidth(char: string): number {
  if (MARK.test(char)) return 0;
  return WIDE.test(char) ? 2 : 1;
}

/** As much of the beginning as fits into `width` columns. */
export function clip(text: string, width: number): string {
  return isPlain(text) ? text.slice(0, width) : (wrapAnywhere(text, width)[0] ?? '');
}

/**
 * The text in lines that are full, at least one, of `width` columns (one or more) at most.
 * What is too wide for a line by itself becomes a question mark.
 */
export function wrapAnywhere(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = '';
  let used = 0;
  for (const char of text) {
    const own = charWidth(char);
    const shown = own > width ? '?' : char;
    const needed = Math.min(own, width);
    if (used + needed > width) {
      lines.push(line);
      line = '';
      used = 0;
    }
    line += shown;
    used += needed;
  }
  lines.push(line);
  return lines;
}

/** As `wrapAnywhere`, but between words where there is a space. The space goes. */
export function wrapAtSpaces(text: string, width: number): string[] {
  const lines: string[] = [];
  let line: string | null = null;
  for (const word of text.split(' ')) {
    const longer: string = line === null ? word : `${line} ${word}`;
    if (widthOf(longer) <= width) {
      line = longer;
      continue;
    }
    if (line !== null) lines.push(line);
    const parts = wrapAnywhere(word, width);
    line = parts.pop() ?? '';
    lines.push(...parts);
  }
  lines.push(line ?? '');
  return lines;
}
