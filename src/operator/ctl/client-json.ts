/** `mandos-ctl --dump-json`: an object with the clients by their names. */
import type { ClientProperty, ClientView } from '../server/client-view.ts';
import { asciiJson } from './ascii-json.ts';
import { ALL_COLUMNS } from './client-columns.ts';

export function clientsJson(clients: readonly ClientView[]): string {
  // Written entry by entry: an object would move names that are numbers to its front.
  const entries = clients.map((client) => {
    const properties = asciiJson(shownProperties(client), 4).replaceAll('\n', '\n    ');
    return `    ${asciiJson(client.Name)}: ${properties}`;
  });
  return entries.length === 0 ? '{}\n' : `{\n${entries.join(',\n')}\n}\n`;
}

/** The properties by their D-Bus names, in the original's order. */
export function shownProperties(client: ClientView): Partial<Record<ClientProperty, unknown>> {
  return Object.fromEntries(ALL_COLUMNS.map(({ property }) => [property, client[property]]));
}
