/** Moving the selection through the list of clients. */
import type { WallTime } from '../../core/time.ts';
import { clientWindow, selectedIndex } from './client-window.ts';
import type { Model } from './model.ts';

/** The model with the part of the list that it shows remembered, to stay there. */
export function settled(model: Model, now: WallTime): Model {
  const top = model.clients.shown.at(clientWindow(model, now).first);
  return top === undefined ? model : { ...model, top: top.key };
}

/** With the client `by` places further down selected, or the first or last one. */
export function selectionMoved(model: Model, by: number, now: WallTime): Model {
  const { shown } = model.clients;
  const wanted = Math.min(Math.max(0, selectedIndex(model) + by), shown.size - 1);
  const place = shown.at(wanted);
  return place === undefined ? model : settled({ ...model, selected: place.key }, now);
}

/** How many clients a page is. */
export function pageOfClients(model: Model, now: WallTime): number {
  return Math.max(1, clientWindow(model, now).rows.length - 1);
}
