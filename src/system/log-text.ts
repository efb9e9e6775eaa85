import type { LogLevel } from '../core/log.ts';

/** The names of the levels as the original writes them. */
export function levelName(level: LogLevel): string {
  return level.toUpperCase();
}

/**
 * A message as one safe line: what came from outside cannot break lines, move the cursor
 * or reorder text (L2). Escapes the C0 and C1 controls, line separators, the bidirectional
 * controls, and the backslash, so that no text looks like another one escaped.
 */
export function safeLine(message: string): string {
  return withoutControls(message.replaceAll('\\', '\\\\'));
}

/**
 * Only the escapes, for what is to look as it is: a backslash stays one, so an escape may also
 * have been one before.
 */
export function withoutControls(text: string): string {
  return text.replace(/[\p{Cc}\p{Zl}\p{Zp}\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu, (char) => {
    const code = char.codePointAt(0) ?? 0;
    if (char === '\n') return '\\n';
    if (char === '\t') return '\\t';
    return code < 0x100
      ? `\\x${code.toString(16).padStart(2, '0')}`
      : `\\u${code.toString(16).padStart(4, '0')}`;
  });
}
