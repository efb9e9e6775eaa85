/** What a screen shows, as data. */

export interface Size {
  /** At least one. */
  readonly columns: number;
  /** At least one. */
  readonly rows: number;
}

export interface Line {
  /** Safe to show, and not wider than the screen. */
  readonly text: string;
  readonly style: 'plain' | 'bold' | 'reverse';
}

export interface Frame {
  readonly size: Size;
  /** From the top; never more than there are rows. */
  readonly lines: readonly Line[];
}

export function plain(text: string): Line {
  return { text, style: 'plain' };
}
