import type { LogLevel } from '../core/log.ts';

/** Everything mandos(8) is told at its start, checked and complete. */
export interface ServerSettings {
  /** Where mandos.conf and clients.conf are. */
  readonly configDirectory: string;
  /** The only interface to listen and announce on; null for all. */
  readonly interface: string | null;
  /** The only address to listen on: IPv6, or IPv4 without `useIpv6`; null for all. */
  readonly address: string | null;
  /** 0 for one the system picks. */
  readonly port: number;
  /** A listening socket that was handed in as this descriptor; null to make one. */
  readonly socket: number | null;
  readonly debug: boolean;
  /** Null when the level was not set: then `debug` decides. */
  readonly debugLevel: LogLevel | null;
  /** A GnuTLS priority string, not yet understood. */
  readonly priority: string;
  readonly serviceName: string;
  readonly useDbus: boolean;
  readonly useIpv6: boolean;
  readonly restore: boolean;
  readonly stateDirectory: string;
  /** Stay in the foreground and write no PID file; debug mode implies it. */
  readonly foreground: boolean;
  readonly zeroconf: boolean;
}

/** What one source (mandos.conf, the command line) sets, read but not yet checked. */
export interface ServerOverrides {
  readonly interface?: string;
  readonly address?: string;
  readonly port?: number;
  readonly socket?: number;
  readonly debug?: boolean;
  readonly debugLevel?: string;
  readonly priority?: string;
  readonly serviceName?: string;
  readonly useDbus?: boolean;
  readonly useIpv6?: boolean;
  readonly restore?: boolean;
  readonly stateDirectory?: string;
  readonly foreground?: boolean;
  readonly zeroconf?: boolean;
}

/** What holds where neither mandos.conf nor the command line says anything (mandos(8)). */
export const SERVER_DEFAULTS = {
  configDirectory: '/etc/mandos',
  port: 0,
  debug: false,
  priority: 'SECURE128:!CTYPE-X.509:+CTYPE-RAWPK:!RSA:!VERS-ALL:+VERS-TLS1.3:%PROFILE_ULTRA',
  serviceName: 'Mandos',
  useDbus: true,
  useIpv6: true,
  restore: true,
  stateDirectory: '/var/lib/mandos',
  foreground: false,
  zeroconf: true,
} as const;
