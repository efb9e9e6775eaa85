/** The list of clients: which of them are in the window, and their rows. */
import type { WallTime } from '../../core/time.ts';
import { clientState, stateText } from './client-state.ts';
import { clientAt, type Place } from './clients-table.ts';
import type { Line } from './frame.ts';
import { layoutOf } from './layout.ts';
import type { Model } from './model.ts';
import { screenText } from './screen-text.ts';
import { widthOf, wrapAtSpaces } from './text-width.ts';

/** No row of a client is longer than this, whatever its name is. */
const LONGEST_NAME = 2000;

interface Row {
  readonly place: Place;
  readonly lines: readonly string[];
}

export interface ClientWindow {
  /** The index of the first client in the window. */
  readonly first: number;
  /** From the first on; the last one may stick out at the bottom. */
  readonly rows: readonly Row[];
}

/** The index of the client that keys act on: itself, or what is in its place. */
export function selectedIndex({ clients: { shown }, selected }: Model): number {
  return Math.max(0, Math.min(shown.rank(selected), shown.size - 1));
}

export function selectedPlace(model: Model): Place | undefined {
  return model.clients.shown.at(selectedIndex(model));
}

/**
 * The clients from `model.top` on, moved as little as needed for the selected one to be seen
 * whole and for the window to be full. Looks at no more clients than the window has rows, a
 * few times.
 */
export function clientWindow(model: Model, now: WallTime): ClientWindow {
  const { shown } = model.clients;
  const height = layoutOf(model).clients;
  const selected = selectedIndex(model);
  const top = Math.min(shown.rank(model.top), selected);
  const down = rowsDown(model, top, height, now);
  const seen = down.slice(0, selected - top + 1);
  const fits = seen.length > selected - top && heightOf(seen) <= height;
  if (fits && heightOf(down) >= height) return { first: top, rows: down };
  // Either the selected one is below, or there is room left: fill from the other end.
  const end = fits ? Math.min(top + down.length, shown.size) : selected + 1;
  const first = startFor(model, end, height, now);
  return { first, rows: rowsDown(model, first, height, now) };
}

/** Where to start for the clients before `end` to fill the window, the last of them whole. */
function startFor(model: Model, end: number, height: number, now: WallTime): number {
  const above = model.clients.shown.slice(Math.max(0, end - height), end).toReversed();
  let used = 0;
  let count = 0;
  for (const place of above) {
    used += rowOf(model, place, now).lines.length;
    if (used > height && count > 0) break;
    count++;
  }
  return end - count;
}

function rowsDown(model: Model, first: number, height: number, now: WallTime): Row[] {
  const rows: Row[] = [];
  let used = 0;
  for (const place of model.clients.shown.slice(first, first + height)) {
    if (used >= height) break;
    const row = rowOf(model, place, now);
    rows.push(row);
    used += row.lines.length;
  }
  return rows;
}

function heightOf(rows: readonly Row[]): number {
  return rows.reduce((sum, { lines }) => sum + lines.length, 0);
}

function rowOf(model: Model, place: Place, now: WallTime): Row {
  const client = clientAt(model.clients, place.path);
  if (client === undefined) return { place, lines: [''] };
  const name = screenText(client.Name, model.charset, LONGEST_NAME);
  const text = `${name}: ${stateText(clientState(client), now)}`;
  const lines = wrapAtSpaces(text, model.size.columns).slice(0, layoutOf(model).clients);
  return { place, lines };
}

/** The window's lines; the selected client is marked while the window has the focus. */
export function clientLines(model: Model, now: WallTime): Line[] {
  const marked = model.focus === 'clients' ? selectedPlace(model)?.key : undefined;
  const { columns } = model.size;
  const lines = clientWindow(model, now).rows.flatMap((row) =>
    row.lines.map(
      (text): Line =>
        row.place.key === marked
          ? { text: text + ' '.repeat(columns - widthOf(text)), style: 'reverse' }
          : { text, style: 'plain' },
    ),
  );
  return lines.slice(0, layoutOf(model).clients);
}
