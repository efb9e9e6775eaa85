/** Which clients a command line means. */
import { MandosError } from '../../core/error.ts';
import type { ClientView } from '../server/client-view.ts';

/**
 * The clients of these names, in this order; all when no name is given. Throws `MandosError`
 * `usage` when there is no client of a name.
 */
export function selected(
  clients: readonly ClientView[],
  names: readonly string[],
): readonly ClientView[] {
  if (names.length === 0) return clients;
  const byName = new Map(clients.map((client) => [client.Name, client]));
  return names.map((name) => {
    const client = byName.get(name);
    if (client !== undefined) return client;
    throw new MandosError('usage', `client not found on the server: ${JSON.stringify(name)}`, {
      hint: 'without options, mandos-ctl lists those that are there',
    });
  });
}
