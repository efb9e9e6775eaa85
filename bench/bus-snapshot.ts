import { seconds } from '../src/core/time.ts';
import { BusConnection } from '../src/dbus/connection.ts';
import { encodeMessage, Variant } from '../src/dbus/wire.ts';
import { bootClock } from '../src/system/boot-clock.ts';

/** All clients as GetManagedObjects shows them, and what it took to get that. */
export interface BusSnapshot {
  /** Milliseconds, with taking the answer apart here. */
  readonly time: number;
  readonly bytes: number;
  readonly enabled: number;
  /** When each client was checked last, in milliseconds since 1970, by object path. */
  readonly checked: ReadonlyMap<string, number>;
}

type Dict<V> = readonly (readonly [string, V])[];
const CLIENT = 'se.recompile.Mandos.Client';

/** Throws when there is no answer within two minutes. */
export async function busSnapshot(address: string): Promise<BusSnapshot> {
  await using bus = await BusConnection.open(address, {
    clock: bootClock,
    log: { log: () => undefined },
  });
  const start = performance.now();
  const body = await bus.call({
    destination: 'se.recompile.Mandos',
    path: '/',
    interface: 'org.freedesktop.DBus.ObjectManager',
    member: 'GetManagedObjects',
    timeout: seconds(120),
  });
  const time = performance.now() - start;
  const answer = {
    type: 2,
    serial: 1,
    replySerial: 1,
    signature: 'a{oa{sa{sv}}}',
    body: [...body],
  };
  const checked = new Map<string, number>();
  let enabled = 0;
  const objects = body[0] as Dict<Dict<Dict<unknown>>>;
  for (const [path, interfaces] of objects) {
    const properties = new Map(new Map(interfaces).get(CLIENT));
    const value = (name: string): unknown => {
      const property = properties.get(name);
      return property instanceof Variant ? property.value : undefined;
    };
    if (value('Enabled') === true) enabled++;
    const when = Date.parse(`${String(value('LastCheckedOK')).slice(0, 23)}Z`);
    if (!Number.isNaN(when)) checked.set(path, when);
  }
  return { time, bytes: encodeMessage(answer).length, enabled, checked };
}
