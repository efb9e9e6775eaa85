/**
 * Text from outside as a terminal may show it (L2): nothing in it moves the cursor, changes
 * colours, reorders or hides text, and its width on any terminal is what we count at most.
 */
import { safeLine } from '../../system/log-text.ts';

/** What the terminal can show: letters of the world, or nothing beyond ASCII. */
export type Charset = 'utf-8' | 'ascii';

/** More marks than this on one letter belong to no language, and pile up over other lines. */
const MOST_MARKS = 2;

const PLAIN = /^[\x20-\x5b\x5d-\x7e]*$/;

/** No letter, number, punctuation, symbol or mark: unassigned, private, invisible, odd spaces. */
const UNKNOWN = /[^\p{L}\p{N}\p{P}\p{S}\p{Mn}\p{Mc} ]/gu;

/** Terminals disagree about the width of what these make of their neighbours. */
const JOINING =
  /[\p{RI}\p{Emoji_Modifier}\p{Variation_Selector}\p{Default_Ignorable_Code_Point}]/gu;

const MARKS = /(^|\P{M})(\p{M}+)/gu;

const BEYOND_ASCII = /[^\x20-\x7e]/gu;

/**
 * The text in one line, with everything that is not safe as an escape.
 * @param longest how many characters of `text` are looked at
 */
export function screenText(text: string, charset: Charset, longest = 4096): string {
  const part = text.length > longest ? `${text.slice(0, longest)}...` : text;
  if (PLAIN.test(part)) return part;
  const line = safeLine(part);
  if (charset === 'ascii') return line.replace(BEYOND_ASCII, escaped);
  return line
    .replace(UNKNOWN, escaped)
    .replace(JOINING, escaped)
    .replace(MARKS, (_, base: string, marks: string) => {
      const kept = /[\p{L}\p{N}]/u.test(base) ? MOST_MARKS : 0;
      const [...all] = marks;
      return base + all.map((mark, at) => (at < kept ? mark : escaped(mark))).join('');
    });
}

function escaped(char: string): string {
  const code = (char.codePointAt(0) ?? 0).toString(16);
  return code.length > 4 ? `\\u{${code}}` : `\\u${code.padStart(4, '0')}`;
}
