/** Makes the server findable: through Avahi where it runs, else by the own responder. */
import { isIPv4 } from 'node:net';
import type { ServerSettings } from '../config/server-settings.ts';
import type { Log } from '../core/log.ts';
import type { Clock } from '../core/time.ts';
import { AvahiAnnouncer } from '../dbus/avahi-announcer.ts';
import { isPortTaken } from '../system/multicast-socket.ts';
import type {
  Announcement,
  AnnouncementListener,
  ServiceToAnnounce,
} from '../zeroconf/announcer.ts';
import { OwnAnnouncer } from '../zeroconf/announcer-node.ts';

export interface AnnouncingContext {
  readonly settings: ServerSettings;
  readonly busAddress: string;
  readonly clock: Clock;
  readonly log: Log;
}

/** Announces until it is disposed of; null, and a line in the log, when that is not possible. */
export async function announce(
  port: number,
  context: AnnouncingContext,
): Promise<Announcement | null> {
  const { settings, log, clock, busAddress } = context;
  const service = serviceOf(settings, port);
  const listener: AnnouncementListener = {
    renamed: (name) => log.log('warning', `the Zeroconf service is named "${name}" from now on`),
    announced: (where) => log.log('debug', `announced by Zeroconf on ${where}`),
  };
  const avahi = new AvahiAnnouncer({ address: busAddress, clock, log });
  if (settings.useDbus) {
    try {
      return await avahi.announce(service, listener);
    } catch (error) {
      log.log('debug', `not announced through Avahi: ${messageOf(error)}`);
    }
  }
  const cannot = (error: unknown): null => {
    log.log('error', `cannot announce the service: ${messageOf(error)}`);
    return null;
  };
  try {
    return await new OwnAnnouncer(log, clock).announce(service, listener);
  } catch (error) {
    if (!isPortTaken(error)) return cannot(error);
  }
  // Only Avahi keeps the port to itself: it is there, or about to come to the bus.
  log.log('warning', 'another program has the port of multicast DNS to itself; Avahi is awaited');
  return await avahi.announce(service, listener, 'as long as it takes').catch(cannot);
}

function serviceOf(settings: ServerSettings, port: number): ServiceToAnnounce {
  const { address, useIpv6 } = settings;
  const mapped = address === null ? null : /^::ffff:([0-9.]+)$/i.exec(address)?.[1];
  const numeric = mapped ?? address;
  const ipv4Only = !useIpv6 || (numeric !== null && isIPv4(numeric));
  return {
    name: settings.serviceName,
    port,
    interface: settings.interface,
    families: ipv4Only ? ['ipv4'] : numeric === null ? ['ipv6', 'ipv4'] : ['ipv6'],
    address: numeric,
  };
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
