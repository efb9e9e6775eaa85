import { widthOf, wrapAtSpaces } from './text-width.ts';

/** Less than this beside the first column is no use. */
const NARROWEST = 20;

/**
 * `left` in a column of `leftWidth`, which it fits into, and `right` beside it, or below it on
 * a narrow screen.
 */
export function twoColumns(
  left: string,
  right: string,
  leftWidth: number,
  columns: number,
): string[] {
  const rest = columns - leftWidth;
  if (rest < NARROWEST) return wrapAtSpaces(`${left} ${right}`, columns);
  return wrapAtSpaces(right, rest).map((part, at) =>
    at === 0 ? left + ' '.repeat(leftWidth - widthOf(left)) + part : ' '.repeat(leftWidth) + part,
  );
}
