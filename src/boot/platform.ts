/**
 * All that the boot side needs of a machine, so that it can run on any ECMAScript engine.
 * `platform-node.ts` is Node's; another engine brings its own. It grows with what the boot
 * side does, and holds nothing that nobody uses.
 */
import type { ByteStream } from '../core/byte-stream.ts';
import type { Cancellation } from '../core/cancellation.ts';
import type { Log } from '../core/log.ts';
import type { TlsPrivateKey } from '../core/secret.ts';
import type { Clock } from '../core/time.ts';
import type { TlsPolicy } from '../protocol/priority.ts';
import type { TlsEngine } from '../protocol/tls-engine.ts';
import type { BrowserEffect } from '../zeroconf/browser.ts';
import type { Network } from './network.ts';
import type { HookRunner } from './network-hooks.ts';
import type { ServerAddress } from './server-address.ts';

export interface Platform {
  /** The boot-time clock; nothing here looks at the wall clock, which may show 1970 (C3). */
  readonly clock: Clock;
  /** For people; never standard output. */
  readonly log: Log;
  /** Aborted when a signal asks the program to end. */
  readonly stop: Cancellation;
  readonly network: Network;
  readonly hooks: HookRunner;

  /**
   * Searches for servers by Zeroconf on every interface that is wanted, from the moment when
   * it can be used, until it is let go of.
   * @param wanted asked again whenever interfaces change
   * @throws MandosError `network` when it cannot be done here
   */
  browse(
    wanted: (interfaceName: string) => boolean,
    listener: (effect: BrowserEffect) => void,
  ): Promise<ServerBrowser>;

  /**
   * Opens a TCP connection. The caller sets the deadline, by `cancel`.
   * @throws MandosError `network`; `cancel.reason` when that is aborted first
   */
  connect(server: ServerAddress, cancel: Cancellation): Promise<ByteStream>;

  /**
   * TLS engines in the TLS server's role that prove this key.
   * @param name the key's file name, for the error
   * @throws MandosError `key-unusable`; `config-value` for a policy that cannot be had
   */
  tlsEngines(key: TlsPrivateKey, name: string, policy: TlsPolicy): TlsEngines;

  /**
   * The whole content of a file, in memory of its own that the caller may wipe.
   * @param limit in bytes; a larger file is an error
   * @throws MandosError `file-missing` or `file-unreadable`
   */
  readFile(path: string, limit: number): Promise<Uint8Array>;

  /**
   * Writes the bytes to standard output, in one piece where the system takes it so;
   * resolves when all of them are with the system.
   * @throws MandosError `file-unwritable` when the reader is gone
   */
  writeOutput(bytes: Uint8Array): Promise<void>;
}

/** TLS engines that share a key; disposing of them lets go of the key. */
export interface TlsEngines extends Disposable {
  newEngine(): TlsEngine;
}

/** A search by Zeroconf. */
export interface ServerBrowser extends AsyncDisposable {
  /** A server was tried in vain: when there are too many, it is forgotten first. */
  setAside(id: string): void;
}
