/** What each key makes of the model. */
import type { WallTime } from '../../core/time.ts';
import { selectedPlace } from './client-window.ts';
import { clientAt, filtered } from './clients-table.ts';
import {
  type ClientAct,
  type Command,
  clientActFor,
  commandFor,
  type Key,
  keyName,
  typedText,
} from './key-commands.ts';
import { layoutOf } from './layout.ts';
import { scrolledLog } from './log-pane.ts';
import { logged } from './logged.ts';
import type { Model, MonitorAction, Update, View } from './model.ts';
import { isPage, type Page, pageRows, pageScroll } from './page-view.ts';
import { pageOfClients, selectionMoved, settled } from './selection.ts';

const LONGEST_FILTER = 200;

export function pressed(model: Model, key: Key, now: WallTime): Update {
  const name = keyName(key);
  const command = commandFor(name);
  switch (command) {
    case 'interrupt':
    case 'suspend':
    case 'redraw':
      return does(model, { kind: command });
  }
  const { view } = model;
  if (view.kind === 'filter') return does(filterTyped(model, view.before, key, now));
  if (isPage(view)) return onPage(model, view, name, now);
  if (command === 'quit') return does(model, { kind: 'quit' });
  if (command !== undefined) return does(windowCommand(model, command, now));
  const place = model.focus === 'clients' ? selectedPlace(model) : undefined;
  return place === undefined ? does(model) : actsOn(model, name, place.path);
}

function does(model: Model, ...actions: MonitorAction[]): Update {
  return { model, actions };
}

function actsOn(model: Model, key: string, path: string): Update {
  const act: ClientAct | undefined = clientActFor(key);
  const client = clientAt(model.clients, path);
  if (act === undefined || client === undefined) return does(model);
  return does(model, { kind: 'act', act, path, name: client.Name });
}

function inFront(model: Model, view: View): Model {
  return { ...model, view };
}

function windowCommand(model: Model, command: Command, now: WallTime): Model {
  switch (command) {
    case 'help':
      return inFront(model, { kind: 'help', scroll: 0 });
    case 'properties': {
      const place = selectedPlace(model);
      if (place === undefined) return model;
      return inFront(model, { kind: 'properties', path: place.path, scroll: 0 });
    }
    case 'filter':
      return inFront(model, { kind: 'filter', before: model.clients.filter });
    case 'close':
      return withFilter(model, '', now);
    case 'toggle-log': {
      const visible = !model.log.visible;
      const toggled: Model = { ...model, log: { ...model.log, visible }, focus: 'clients' };
      const text = `Log visibility changed to: ${visible ? 'True' : 'False'}`;
      return settled(logged(toggled, text, now), now);
    }
    case 'switch-window':
      if (!model.log.visible) return model;
      return { ...model, focus: model.focus === 'clients' ? 'log' : 'clients' };
    case 'toggle-wrap': {
      const wrapped = !model.log.wrapped;
      const toggled = { ...model, log: { ...model.log, wrapped } };
      return logged(toggled, `Wrap mode: ${wrapped ? 'any' : 'clip'}`, now);
    }
    case 'toggle-verbose': {
      const verbose = !model.log.verbose;
      const toggled = { ...model, log: { ...model.log, verbose } };
      return logged(toggled, `Verbose mode: ${verbose ? 'On' : 'Off'}`, now);
    }
    default:
      return model.focus === 'log' ? logMoved(model, command) : listMoved(model, command, now);
  }
}

/** How far a command moves in what is shown a page at a time; null when it does not. */
function movement(command: Command | undefined, page: number): number | null {
  switch (command) {
    case 'up':
      return -1;
    case 'down':
      return 1;
    case 'page-up':
      return -page;
    case 'page-down':
      return page;
    case 'first':
      return Number.NEGATIVE_INFINITY;
    case 'last':
      return Number.POSITIVE_INFINITY;
    default:
      return null;
  }
}

function listMoved(model: Model, command: Command, now: WallTime): Model {
  const by = movement(command, pageOfClients(model, now));
  return by === null ? model : selectionMoved(model, by, now);
}

function logMoved(model: Model, command: Command): Model {
  const rows = layoutOf(model).log;
  const by = movement(command, Math.max(1, rows - 1));
  if (by === null) return model;
  return { ...model, log: scrolledLog(model.log, by, model.size.columns, rows) };
}

function onPage(model: Model, page: Page, key: string, now: WallTime): Update {
  const command = commandFor(key);
  const by = movement(command, Math.max(1, pageRows(model) - 1));
  if (by !== null) {
    const from = pageScroll(model, page, page.scroll, now);
    const scroll = pageScroll(model, page, from + by, now);
    return does(inFront(model, { ...page, scroll }));
  }
  if (key === 'Q') return does(model, { kind: 'quit' });
  if (command === 'quit' || command === 'close' || command === page.kind) {
    return does(inFront(model, { kind: 'windows' }));
  }
  if (command === 'help') return does(inFront(model, { kind: 'help', scroll: 0 }));
  return page.kind === 'properties' ? actsOn(model, key, page.path) : does(model);
}

function filterTyped(model: Model, before: string, key: Key, now: WallTime): Model {
  const { filter } = model.clients;
  switch (keyName(key)) {
    case 'return':
    case 'enter':
      return inFront(model, { kind: 'windows' });
    case 'escape':
      return withFilter(inFront(model, { kind: 'windows' }), before, now);
    case 'backspace':
      return withFilter(model, [...filter].slice(0, -1).join(''), now);
    case 'ctrl-u':
      return withFilter(model, '', now);
    case 'up':
      return selectionMoved(model, -1, now);
    case 'down':
      return selectionMoved(model, 1, now);
    default:
      return withFilter(model, (filter + typedText(key)).slice(0, LONGEST_FILTER), now);
  }
}

function withFilter(model: Model, filter: string, now: WallTime): Model {
  if (filter === model.clients.filter) return model;
  return settled({ ...model, clients: filtered(model.clients, filter) }, now);
}
