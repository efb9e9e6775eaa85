/** All clients, by their paths and in the order of their names, and those the filter shows. */
import type { ClientChanges, ClientView } from '../server/client-view.ts';
import { matchesFilter } from './client-state.ts';
import { SortedList } from './sorted-list.ts';

interface Known {
  /** The path. */
  readonly key: string;
  readonly client: ClientView;
}

/** A client's place in the list. */
export interface Place {
  /** Sorts by name; it stays the same as long as the client is there. */
  readonly key: string;
  readonly path: string;
}

export interface ClientsTable {
  readonly known: SortedList<Known>;
  readonly all: SortedList<Place>;
  /** Those of `all` that match the filter. */
  readonly shown: SortedList<Place>;
  readonly filter: string;
}

export function clientsTable(clients: readonly ClientView[], filter: string): ClientsTable {
  const known = SortedList.of(clients.map((client) => ({ key: client.path, client })));
  const all = SortedList.of(clients.map(placeOf));
  return filtered({ known, all, shown: all, filter }, filter);
}

export function clientAt(table: ClientsTable, path: string): ClientView | undefined {
  return table.known.find(path)?.client;
}

/** With the client, new or changed. */
export function withClient(table: ClientsTable, client: ClientView): ClientsTable {
  const before = clientAt(table, client.path);
  const known = table.known.with({ key: client.path, client });
  const moved = before !== undefined && before.Name !== client.Name;
  const { all, shown } = moved ? withoutClient(table, client.path) : table;
  const place = placeOf(client);
  const isShown = matchesFilter(client, table.filter);
  const changesNothing = isShown === (shown.find(place.key) !== undefined);
  return {
    ...table,
    known,
    all: all.find(place.key) === undefined ? all.with(place) : all,
    shown: changesNothing ? shown : isShown ? shown.with(place) : shown.without(place.key),
  };
}

/** What is told of a client that is not there is ignored. */
export function withChanges(
  table: ClientsTable,
  path: string,
  changes: ClientChanges,
): ClientsTable {
  const client = clientAt(table, path);
  return client === undefined ? table : withClient(table, { ...client, ...changes });
}

export function withoutClient(table: ClientsTable, path: string): ClientsTable {
  const client = clientAt(table, path);
  if (client === undefined) return table;
  const { key } = placeOf(client);
  const { known, all, shown } = table;
  return { ...table, known: known.without(path), all: all.without(key), shown: shown.without(key) };
}

export function filtered(table: ClientsTable, filter: string): ClientsTable {
  const { all, known } = table;
  const isShown = ({ path }: Place): boolean => {
    const client = known.find(path)?.client;
    return client !== undefined && matchesFilter(client, filter);
  };
  return { ...table, filter, shown: filter === '' ? all : all.filter(isShown) };
}

/** A zero cannot stand in a text on the bus, so no name runs into a path. */
function placeOf({ Name, path }: ClientView): Place {
  return { key: `${Name}\0${path}`, path };
}
