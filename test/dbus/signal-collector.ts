import process from 'node:process';
import { BusConnection } from '../../src/dbus/connection.ts';
import { Variant } from '../../src/dbus/wire.ts';
import { bootClock } from '../../src/system/boot-clock.ts';
import { RunningProgram } from '../support/process.ts';

/** A signal as a line: its path, interface, member and values. */
export type SignalLine = string;

const DAEMON = 'sender=org.freedesktop.DBus';

/** dbus-monitor watching what the service tells everybody, in the order of the bus. */
export class SignalCollector implements AsyncDisposable {
  readonly #monitor: RunningProgram;
  readonly #address: string;

  private constructor(monitor: RunningProgram, address: string) {
    this.#monitor = monitor;
    this.#address = address;
  }

  /** @param user who listens: root unless told */
  static async start(
    address: string,
    user: { readonly uid: number; readonly gid: number } | null = null,
  ): Promise<SignalCollector> {
    const monitor = RunningProgram.start(
      '/usr/bin/dbus-monitor',
      ['--address', address, 'type=signal'],
      user ?? {},
    );
    // Only root becomes a monitor, which costs it its name; others ask for what they may hear.
    await monitor.waitForLine(user === null ? /member=NameLost/ : /member=NameAcquired/);
    return new SignalCollector(monitor, address);
  }

  /** All that was told so far, as dbus-monitor writes it, without serials and times. */
  async signals(): Promise<SignalLine[]> {
    // A signal of our own that comes after everything that was sent before it.
    const marker = `Marker${process.hrtime.bigint()}`;
    const context = { clock: bootClock, log: { log: () => undefined } };
    await using sender = await BusConnection.open(this.#address, context);
    sender.signal({ path: '/', interface: 'org.example.Test', member: marker });
    await this.#monitor.waitForLine(new RegExp(marker));
    return parseMonitor(this.#monitor.stdout.toString('utf8'));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#monitor[Symbol.asyncDispose]();
  }
}

/** The signals in the output of dbus-monitor, a line each, without those of the bus itself. */
export function parseMonitor(output: string): SignalLine[] {
  const signals: string[][] = [];
  let current: string[] | null = null;
  for (const line of output.split('\n')) {
    const head = /^signal .*path=(\S+); interface=(\S+); member=(\S+)/.exec(line);
    if (head !== null) {
      const [, path = '', interfaceName = '', member = ''] = head;
      const ours = !line.includes(DAEMON) && interfaceName !== 'org.example.Test';
      current = [path, interfaceName, member];
      if (ours) signals.push(current);
    } else {
      current?.push(line.trim().replaceAll(/\s+/g, ' '));
    }
  }
  return signals.map((parts) => parts.filter((part) => part !== '').join(' '));
}

/** A value from the bus as plain data, variants with their signature. */
export function plain(value: unknown): unknown {
  if (value instanceof Variant) return { type: value.signature, data: plain(value.value) };
  if (Array.isArray(value)) return value.map(plain);
  return typeof value === 'bigint' ? Number(value) : value;
}
