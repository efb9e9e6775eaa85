import type { Duration } from '../core/time.ts';
import type { TlsPolicy } from '../protocol/priority.ts';
import type { InterfaceChoice } from './client-option-values.ts';
import type { ServerAddress } from './server-address.ts';

/** The four key files of a client, by the names of their options. */
export interface KeyFiles {
  readonly pubkey: string;
  readonly seckey: string;
  readonly tlsPubkey: string;
  readonly tlsPrivkey: string;
}

/** All that mandos-client(8mandos) can be told. */
export interface ClientSettings {
  /** Ask this server; null: search by Zeroconf. */
  readonly connect: ServerAddress | null;
  /** Asked besides, wherever they are. */
  readonly servers: readonly ServerAddress[];
  readonly interfaces: InterfaceChoice;
  readonly keyFiles: KeyFiles;
  readonly tlsPolicy: TlsPolicy;
  /** Both are without use in TLS 1.3, which has its own groups (RFC 8446, section 4.2.7). */
  readonly dh: { readonly bits: number | null; readonly parametersFile: string | null };
  /** The longest wait for an interface to come up. */
  readonly delay: Duration;
  /** From one question to the same server to the next. */
  readonly retry: Duration;
  readonly networkHookDirectory: string;
  readonly debug: boolean;
}
