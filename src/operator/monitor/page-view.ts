/** A page in front of everything, as the help is: a title, a part of its lines, a last line. */
import type { WallTime } from '../../core/time.ts';
import { clientAt } from './clients-table.ts';
import { type Line, plain } from './frame.ts';
import { helpLines } from './help-view.ts';
import type { Model, View } from './model.ts';
import { propertyLines } from './properties-view.ts';
import { screenText } from './screen-text.ts';
import { clip } from './text-width.ts';

export type Page = Extract<View, { scroll: number }>;

export function isPage(view: View): view is Page {
  return view.kind === 'help' || view.kind === 'properties';
}

/** How many rows of the page itself are seen. */
export function pageRows({ size: { rows } }: Model): number {
  return rows >= 3 ? rows - 2 : rows;
}

/** How far the page can be scrolled, and not further than `wanted`. */
export function pageScroll(model: Model, page: Page, wanted: number, now: WallTime): number {
  const most = contentOf(model, page, now).length - pageRows(model);
  return Math.max(0, Math.min(wanted, most));
}

export function pageLines(model: Model, page: Page, now: WallTime): Line[] {
  const { columns } = model.size;
  const content = contentOf(model, page, now);
  const rows = pageRows(model);
  const start = pageScroll(model, page, page.scroll, now);
  const body = content.slice(start, start + rows);
  if (rows === model.size.rows) return body;
  const more = content.length > start + rows ? 'Down: more  ' : '';
  const filling = Array.from({ length: rows - body.length }, () => plain(''));
  return [
    { text: clip(titleOf(model, page), columns), style: 'bold' },
    ...body,
    ...filling,
    plain(clip(`${more}q, ESC: Close  Q: Quit`, columns)),
  ];
}

function titleOf(model: Model, page: Page): string {
  if (page.kind === 'help') return 'Help of mandos-monitor';
  const name = clientAt(model.clients, page.path)?.Name ?? '';
  return `Properties of client ${screenText(name, model.charset)}`;
}

function contentOf(model: Model, page: Page, now: WallTime): Line[] {
  const { columns } = model.size;
  if (page.kind === 'help') return helpLines(columns);
  const client = clientAt(model.clients, page.path);
  if (client === undefined) return [plain(clip('This client is gone.', columns))];
  return propertyLines(client, now, model.charset, columns);
}
