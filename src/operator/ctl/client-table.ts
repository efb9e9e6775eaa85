/** The table of mandos-ctl, as the original prints it. */
import { withoutControls } from '../../system/log-text.ts';
import type { ClientView } from '../server/client-view.ts';
import type { Column } from './client-columns.ts';

/** A line with the headings, then one for each client; every cell as wide as its column. */
export function clientTable(clients: readonly ClientView[], columns: readonly Column[]): string {
  const rows = clients.map((client) => columns.map((column) => cell(client, column)));
  const headings = columns.map(({ heading }) => heading);
  const widths = headings.map((heading, index) =>
    rows.reduce((widest, row) => Math.max(widest, width(row[index] ?? '')), width(heading)),
  );
  const lines = [headings, ...rows].map((row) =>
    row.map((text, index) => text + ' '.repeat((widths[index] ?? 0) - width(text))).join(' '),
  );
  return `${lines.join('\n')}\n`;
}

/** The original counts characters, however wide a terminal shows them. */
function width(text: string): number {
  return Array.from(text).length;
}

function cell(client: ClientView, { property, duration }: Column): string {
  const value = client[property];
  if (typeof value === 'boolean') return value ? 'Yes' : 'No';
  if (typeof value === 'string') return withoutControls(value);
  return duration === true ? clockTime(value) : String(value);
}

/** `23:59:59` or `2T23:59:59`; what is less than a second is left out. */
function clockTime(milliseconds: number): string {
  const seconds = Math.floor(milliseconds / 1000);
  const days = Math.floor(seconds / 86_400);
  const clock = [Math.floor(seconds / 3600) % 24, Math.floor(seconds / 60) % 60, seconds % 60]
    .map((part) => String(part).padStart(2, '0'))
    .join(':');
  return days === 0 ? clock : `${days}T${clock}`;
}
