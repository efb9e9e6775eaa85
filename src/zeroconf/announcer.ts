import { name } from './name.ts';

/** The type of service that Mandos servers announce (mandos(8)). */
export const MANDOS_TYPE = name('_mandos._tcp.local');

export interface ServiceToAnnounce {
  /** What people see, at most 63 bytes of UTF-8: `servicename` of mandos.conf(5). */
  readonly name: string;
  readonly port: number;
  /** The only interface to announce on, or null for all. */
  readonly interface: string | null;
  /**
   * The kinds of IP to announce over and the kinds of addresses to announce: those by which
   * the server can be reached.
   */
  readonly families: readonly ('ipv4' | 'ipv6')[];
  /** The only address of this machine to announce, numeric, or null for all. */
  readonly address: string | null;
}

export interface AnnouncementListener {
  /** The name was taken; the service has this one from now on. */
  renamed(name: string): void;
  /** The service can be found on the interface; told again when the name or the link changed. */
  announced(interfaceName: string): void;
}

/** A service that is announced until it is let go of; then everybody is told goodbye. */
export interface Announcement extends AsyncDisposable {
  readonly name: string;
}

/** What can announce a service: the own responder, or Avahi over D-Bus. */
export interface Announcer {
  /**
   * Returns as soon as the announcing has begun.
   * @throws MandosError `config-value` for a name that cannot be announced, `network` when
   * this way of announcing is not possible here
   */
  announce(service: ServiceToAnnounce, listener: AnnouncementListener): Promise<Announcement>;
}
