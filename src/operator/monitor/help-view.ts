import type { Line } from './frame.ts';
import { plain } from './frame.ts';
import { CLIENT_KEYS, GLOBAL_KEYS } from './key-commands.ts';
import { wrapAtSpaces } from './text-width.ts';
import { twoColumns } from './two-columns.ts';

/** The help: every key and what it does. */
export function helpLines(columns: number): Line[] {
  const tables = [
    { title: 'Keys', keys: GLOBAL_KEYS },
    { title: 'Keys for the selected client', keys: CLIENT_KEYS },
  ];
  const widest = Math.max(...tables.flatMap(({ keys }) => keys.map(({ shown }) => shown.length)));
  return tables.flatMap(({ title, keys }, at): Line[] => [
    ...(at === 0 ? [] : [plain('')]),
    ...wrapAtSpaces(title, columns).map((text): Line => ({ text, style: 'bold' })),
    ...keys.flatMap(({ shown, tells }) => twoColumns(shown, tells, widest + 2, columns).map(plain)),
  ]);
}
