/** What each event makes of the model: pure. */
import type { WallTime } from '../../core/time.ts';
import { VERSION } from '../../core/version.ts';
import type { ServerEvent, ServerSignal } from '../server/server-event.ts';
import { selectedPlace } from './client-window.ts';
import { clientAt, clientsTable, withChanges, withClient, withoutClient } from './clients-table.ts';
import type { Size } from './frame.ts';
import { pressed } from './key-press.ts';
import { logged } from './logged.ts';
import { type Model, type MonitorEvent, newModel, type Update } from './model.ts';
import type { Charset } from './screen-text.ts';
import { settled } from './selection.ts';
import { toldText } from './told-text.ts';

/** The model before anything was heard of the server. */
export function startModel(size: Size, charset: Charset, now: WallTime): Model {
  const model = newModel(size, charset);
  const named = logged(model, `Mandos Monitor version ${VERSION}`, now, 'headline');
  return logged(named, 'q: Quit  ?: Help', now, 'headline');
}

export function update(model: Model, event: MonitorEvent, now: WallTime): Update {
  switch (event.kind) {
    case 'key':
      return pressed(model, event.key, now);
    case 'resized':
      return only(settled({ ...model, size: event.size }, now));
    case 'failed':
      return only(logged(model, `Cannot ${event.what}: ${event.why}`, now));
    default:
      return only(marked(heard(model, event, now)));
  }
}

/** Who is marked stays so, also before anybody has moved: keys act on whom people see. */
function marked(model: Model): Model {
  return model.selected === '' ? { ...model, selected: selectedPlace(model)?.key ?? '' } : model;
}

function only(model: Model): Update {
  return { model, actions: [] };
}

function heard(model: Model, event: ServerEvent, now: WallTime): Model {
  switch (event.kind) {
    case 'server-found': {
      const clients = clientsTable(event.clients, model.clients.filter);
      const found: Model = { ...model, server: { kind: 'found' }, clients };
      return model.server.kind === 'lost' ? logged(found, 'The Mandos server is back', now) : found;
    }
    case 'server-lost': {
      const { message, hint = '' } = event.why;
      const lost: Model = {
        ...model,
        server: { kind: 'lost', why: message, hint },
        clients: clientsTable([], model.clients.filter),
      };
      return logged(lost, `No Mandos server: ${message}`, now);
    }
    default:
      return changed(told(model, event, now), event);
  }
}

/** The log is written first: afterwards a client that was removed has no name any more. */
function told(model: Model, signal: ServerSignal, now: WallTime): Model {
  const told = toldText(signal, nameOf(model, signal));
  if (told === null || (told.verbose && !model.log.verbose)) return model;
  return logged(model, told.text, now);
}

function nameOf(model: Model, signal: ServerSignal): string {
  if (signal.kind === 'client-added') return signal.client.Name;
  if (signal.kind === 'client-not-found') return '';
  return clientAt(model.clients, signal.path)?.Name ?? signal.path;
}

function changed(model: Model, signal: ServerSignal): Model {
  switch (signal.kind) {
    case 'client-added':
      return { ...model, clients: withClient(model.clients, signal.client) };
    case 'client-removed':
      return { ...model, clients: withoutClient(model.clients, signal.path) };
    case 'properties-changed':
      return { ...model, clients: withChanges(model.clients, signal.path, signal.changes) };
    default:
      return model;
  }
}
