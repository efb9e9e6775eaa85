import { chown, mkdir, readFile } from 'node:fs/promises';
import { setTimeout } from 'node:timers/promises';
import { BusConnection } from '../../src/dbus/connection.ts';
import { bootClock } from '../../src/system/boot-clock.ts';
import { RestartableBus } from '../dbus/restartable-bus.ts';
import { freePort } from './free-port.ts';
import type { CommandLine } from './network-namespaces.ts';
import { type Outcome, RunningProgram, run } from './process.ts';
import { RecordingLog } from './recording-log.ts';
import { inRepository } from './repository.ts';
import { TempDir } from './temp-dir.ts';
import { waitForListener } from './wait-for-listener.ts';

const ORIGINALS = inRepository('.cache/originals/mandos/usr/sbin');

/** Whose: Debian's own, unpacked and not installed, or ours. */
export type Make = 'original' | 'ours';

/** By name: another Python may come first on PATH and lack the modules. */
const SERVERS: Readonly<Record<Make, CommandLine>> = {
  original: ['/usr/bin/python3', [`${ORIGINALS}/mandos`]],
  ours: [inRepository('bin/mandos'), []],
};

export interface DaemonOptions {
  /** The text of clients.conf. */
  readonly clients: string;
  /** More options of mandos(8). */
  readonly options?: readonly string[];
  /** Where or how to run it; on the machine itself unless told. */
  readonly command?: (program: string, ...args: readonly string[]) => CommandLine;
}

/**
 * Debian's server or ours, the whole program, with the same files and the same command line,
 * on a message bus and a loopback port of its own. Never announced.
 */
export class DaemonOnABus implements AsyncDisposable {
  readonly make: Make;
  readonly bus: RestartableBus;
  readonly program: RunningProgram;
  readonly port: number;
  readonly #resources: AsyncDisposableStack;

  private constructor(
    make: Make,
    bus: RestartableBus,
    program: RunningProgram,
    port: number,
    resources: AsyncDisposableStack,
  ) {
    this.make = make;
    this.bus = bus;
    this.program = program;
    this.port = port;
    this.#resources = resources;
  }

  /** Resolves when it serves and answers on the bus. */
  static async start(make: Make, options: DaemonOptions): Promise<DaemonOnABus> {
    await using cleanup = new AsyncDisposableStack();
    const bus = cleanup.use(await RestartableBus.start());
    const dir = cleanup.use(await TempDir.create(0o711));
    const nobody = /^nobody:[^:]*:(\d+):(\d+)/m.exec(await readFile('/etc/passwd', 'latin1'));
    for (const name of ['state', 'tmp']) {
      await mkdir(dir.join(name), { mode: 0o700 });
      await chown(dir.join(name), Number(nobody?.[1]), Number(nobody?.[2]));
    }
    await mkdir(dir.join('config'));
    await dir.write('config/clients.conf', options.clients);
    await dir.write('config/mandos.conf', '[DEFAULT]\n');
    const port = await freePort();
    const [server, first] = SERVERS[make];
    const args = [
      ...first,
      ...['--foreground', '--no-zeroconf', '--no-ipv6', '--address', '127.0.0.1'],
      ...['--port', String(port)],
      ...['--configdir', dir.join('config'), '--statedir', dir.join('state')],
      ...(options.options ?? []),
    ];
    const command = options.command ?? ((program, ...all): CommandLine => [program, all]);
    const program = cleanup.use(
      RunningProgram.start(...command(server, ...args), {
        env: { DBUS_SYSTEM_BUS_ADDRESS: bus.address, TMPDIR: dir.join('tmp') },
      }),
    );
    await waitForListener(port, program, 40_000);
    await untilNamed(bus.address, program);
    return new DaemonOnABus(make, bus, program, port, cleanup.move());
  }

  /** Runs Debian's mandos-ctl on it. */
  ctl(...args: readonly string[]): Promise<Outcome> {
    const env = { DBUS_SYSTEM_BUS_ADDRESS: this.bus.address };
    return run('/usr/bin/python3', [`${ORIGINALS}/mandos-ctl`, ...args], { env });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#resources.disposeAsync();
  }
}

/** Waits until both of the server's names on the bus are taken. */
export async function untilNamed(address: string, program: RunningProgram): Promise<void> {
  const log = new RecordingLog();
  await using caller = await BusConnection.open(address, { clock: bootClock, log });
  const deadline = bootClock.now() + 40_000;
  for (const name of ['se.recompile.Mandos', 'se.bsnet.fukt.Mandos']) {
    while (!(await hasOwner(caller, name))) {
      if (bootClock.now() > deadline) throw new Error(`nobody took ${name}:\n${program.stderr}`);
      await setTimeout(20);
    }
  }
}

async function hasOwner(caller: BusConnection, name: string): Promise<boolean> {
  const [owned] = await caller.call({
    destination: 'org.freedesktop.DBus',
    path: '/org/freedesktop/DBus',
    interface: 'org.freedesktop.DBus',
    member: 'NameHasOwner',
    signature: 's',
    body: [name],
  });
  return owned === true;
}
