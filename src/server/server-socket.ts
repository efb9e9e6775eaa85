import type { ServerSettings } from '../config/server-settings.ts';
import type { Log } from '../core/log.ts';
import { adoptSocket, listeningSocket } from '../system/listening-socket.ts';

/** How many connections may wait to be accepted; the system has a limit of its own. */
const BACKLOG = 4096;

/**
 * The socket the server listens on, as the settings say: handed in, or made.
 * @throws MandosError `network` or `config-value`
 */
export function openServerSocket(settings: ServerSettings, log: Log): number {
  const { socket, useIpv6, address, port } = settings;
  if (socket !== null) {
    adoptSocket(socket, BACKLOG);
    return socket;
  }
  return listeningSocket({
    family: useIpv6 ? 'ipv6' : 'ipv4',
    address,
    port,
    interface: settings.interface,
    backlog: BACKLOG,
    warn: (message) => log.log('error', message),
  });
}
