/** The screen for a model: pure, and with no more work than the screen has rows. */
import type { WallTime } from '../../core/time.ts';
import { clientLines, selectedIndex } from './client-window.ts';
import { type Frame, type Line, plain } from './frame.ts';
import { layoutOf } from './layout.ts';
import { logLines } from './log-pane.ts';
import type { Model } from './model.ts';
import { isPage, pageLines } from './page-view.ts';
import { screenText } from './screen-text.ts';
import { clip, wrapAnywhere, wrapAtSpaces } from './text-width.ts';

/** No line is wider than the screen, and there are no more lines than it has rows. */
export function render(model: Model, now: WallTime): Frame {
  const { size, view } = model;
  return { size, lines: isPage(view) ? pageLines(model, view, now) : windows(model, now) };
}

function windows(model: Model, now: WallTime): Line[] {
  const { columns, rows } = model.size;
  const layout = layoutOf(model);
  const typing = model.view.kind === 'filter';
  if (rows === 1) return typing ? [filterLine(model)] : listLines(model, now).slice(0, 1);
  const list = listLines(model, now).slice(0, layout.clients);
  const filling = Array.from({ length: layout.clients - list.length }, () => plain(''));
  const between = typing ? filterLine(model) : dividerLine(model, list.length < layout.clients);
  const log = layout.log === 0 ? [] : logLines(model.log, columns, layout.log);
  return [...list, ...filling, between, ...log];
}

/** The clients, or why there are none. */
function listLines(model: Model, now: WallTime): Line[] {
  if (model.clients.shown.size > 0) return clientLines(model, now);
  return notice(model).flatMap((text) =>
    wrapAtSpaces(screenText(text, model.charset), model.size.columns).map(plain),
  );
}

function notice({ server, clients }: Model): string[] {
  switch (server.kind) {
    case 'looking':
      return ['Looking for the Mandos server...'];
    case 'lost':
      return [`No server: ${server.why}.`, server.hint, 'Waiting for it.'].filter(
        (text) => text !== '',
      );
    case 'found':
      if (clients.all.size === 0) return ['The server has no clients.'];
      return ['No client matches the filter. (ESC takes it off.)'];
    default:
      return server satisfies never;
  }
}

/** What is being typed, the end of it if it is long. */
function filterLine({ clients, charset, size: { columns } }: Model): Line {
  const text = `Filter: ${screenText(clients.filter, charset)}_`;
  return { text: wrapFromTheEnd(text, columns), style: 'bold' };
}

function wrapFromTheEnd(text: string, columns: number): string {
  const reversed = [...text].toReversed().join('');
  const [end = ''] = wrapAnywhere(reversed, columns);
  return [...end].toReversed().join('');
}

/** A line; in it what is special: no server, a filter, a list longer than its window. */
function dividerLine(model: Model, allSeen: boolean): Line {
  const { clients, charset, server } = model;
  const parts = [
    ...(server.kind === 'lost' ? ['no server'] : []),
    ...(clients.filter === '' ? [] : [`filter: ${screenText(clients.filter, charset)}`]),
    ...(clients.filter === '' && allSeen ? [] : [position(model)]),
  ];
  const bar = charset === 'utf-8' ? '─' : '-';
  const { columns } = model.size;
  if (parts.length === 0) return plain(bar.repeat(columns));
  const text = clip(`${bar.repeat(4)} ${parts.join(', ')} `, columns);
  return plain(clip(text + bar.repeat(columns), columns));
}

function position(model: Model): string {
  const { shown, all } = model.clients;
  const at = shown.size === 0 ? 0 : selectedIndex(model) + 1;
  return shown.size === all.size
    ? `client ${at} of ${shown.size}`
    : `client ${at} of ${shown.size}, of ${all.size} in all`;
}
