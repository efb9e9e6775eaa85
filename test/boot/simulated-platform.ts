import { readFileSync } from 'node:fs';
import type { Platform, ServerBrowser, TlsEngines } from '../../src/boot/platform.ts';
import { formatServer, type ServerAddress } from '../../src/boot/server-address.ts';
import type { ByteStream } from '../../src/core/byte-stream.ts';
import { type Cancellation, CancellationSource, orCancelled } from '../../src/core/cancellation.ts';
import { MandosError } from '../../src/core/error.ts';
import type { Log, LogLevel } from '../../src/core/log.ts';
import type { TlsPrivateKey } from '../../src/core/secret.ts';
import { clientEngines } from '../../src/system/tls.ts';
import type { BrowserEffect } from '../../src/zeroconf/browser.ts';
import type { FoundServer } from '../../src/zeroconf/found-server.ts';
import { bytePipe } from '../support/byte-pipe.ts';
import { SimulatedClock } from '../support/simulated-clock.ts';
import { SimulatedHooks } from './simulated-hooks.ts';
import { SimulatedNetwork } from './simulated-network.ts';

/** What is at an address: nobody, silence, or somebody who takes the connection. */
export type Host = 'nobody' | 'silence' | 'no route' | ((connection: ByteStream) => void);

/** A machine whose network, files, clock and standard output are the test's; TLS is real. */
export class SimulatedPlatform implements Platform {
  readonly clock = new SimulatedClock();
  readonly stop = new CancellationSource();
  readonly network = new SimulatedNetwork();
  readonly hooks = new SimulatedHooks();
  /** Whether the search by Zeroconf goes on. */
  browsing = false;
  /** The servers that were set aside, by their ids. */
  readonly setAside: string[] = [];
  #listener: (effect: BrowserEffect) => void = () => undefined;
  readonly log: Log;
  readonly hosts = new Map<string, Host>();
  readonly files = new Map<string, Uint8Array>();
  /** Every attempt to connect, in order. */
  readonly attempts: string[] = [];
  /** Every write to standard output. */
  readonly written: Uint8Array[] = [];
  readonly lines: { level: LogLevel; message: string }[] = [];
  /** When set, standard output takes nothing. */
  outputStalls = false;
  /** Connections that the client has not let go of. */
  open = 0;
  readonly #watchers = new Set<() => void>();

  constructor() {
    this.log = {
      log: (level, message) => {
        this.lines.push({ level, message });
        this.changed();
      },
    };
  }

  /** To be called when something may have become true that somebody waits for. */
  changed(): void {
    for (const watcher of this.#watchers) watcher();
  }

  /** Resolves as soon as the condition holds; looks after each change. */
  async until(condition: () => boolean): Promise<void> {
    if (condition()) return;
    await new Promise<void>((resolve) => {
      const look = (): void => {
        if (!condition()) return;
        this.#watchers.delete(look);
        resolve();
      };
      this.#watchers.add(look);
    });
  }

  /** Resolves once `count` lines match. */
  async said(pattern: RegExp, count = 1): Promise<void> {
    await this.until(() => this.lines.filter((line) => pattern.test(line.message)).length >= count);
  }

  async browse(
    _wanted: (interfaceName: string) => boolean,
    listener: (effect: BrowserEffect) => void,
  ): Promise<ServerBrowser> {
    this.browsing = true;
    this.#listener = listener;
    this.changed();
    return {
      setAside: (id) => this.setAside.push(id),
      [Symbol.asyncDispose]: async () => {
        this.browsing = false;
        this.#listener = () => undefined;
      },
    };
  }

  /** Somebody announces a server on eth0, as soon as that is listened for. */
  async announce(id: string, ...addresses: readonly string[]): Promise<FoundServer> {
    await this.until(() => this.browsing);
    const server = {
      id,
      name: 'Mandos',
      interface: 'eth0',
      host: 'a.local',
      port: 4711,
      addresses,
    };
    this.#listener({ kind: 'found', server });
    return server;
  }

  /** What was announced is so no more. */
  withdraw(id: string): void {
    this.#listener({ kind: 'gone', id, why: 'displaced' });
  }

  async connect(server: ServerAddress, cancel: Cancellation): Promise<ByteStream> {
    const name = formatServer(server);
    this.attempts.push(name);
    this.changed();
    const host = this.hosts.get(name) ?? 'nobody';
    if (host === 'nobody') throw new MandosError('network', 'cannot connect (ECONNREFUSED)');
    if (host === 'no route' && !this.network.routes.has(server.address)) {
      throw new MandosError('unreachable', 'cannot connect (ENETUNREACH)');
    }
    if (host === 'no route') throw new MandosError('network', 'cannot connect (ECONNREFUSED)');
    if (host === 'silence') return await orCancelled(new Promise<never>(() => undefined), cancel);
    const { a, b } = bytePipe();
    this.open++;
    host(b);
    return this.#counted(a);
  }

  tlsEngines(key: TlsPrivateKey, name: string): TlsEngines {
    return clientEngines(key, name);
  }

  async readFile(path: string): Promise<Uint8Array> {
    const bytes = this.files.get(path);
    if (bytes === undefined) throw new MandosError('file-missing', `there is no file '${path}'`);
    return Uint8Array.from(bytes); // a Buffer’s slice would be the same memory
  }

  async writeOutput(bytes: Uint8Array): Promise<void> {
    if (this.outputStalls) {
      this.log.log('debug', 'standard output stalls');
      await new Promise<never>(() => undefined);
    }
    this.written.push(bytes.slice());
    this.changed();
  }

  /** Puts a file of the real machine here, under the same name. */
  addFile(path: string): void {
    this.files.set(path, new Uint8Array(readFileSync(path)));
  }

  #counted(stream: ByteStream): ByteStream {
    let destroyed = false;
    return {
      read: () => stream.read(),
      write: (bytes) => stream.write(bytes),
      end: () => stream.end(),
      destroy: () => {
        if (!destroyed) this.open--;
        destroyed = true;
        stream.destroy();
        this.changed();
      },
    };
  }
}
