/** A connection to the server for a program that asks a few things and ends. */
import type { Log } from '../../core/log.ts';
import type { Clock } from '../../core/time.ts';
import { systemBusAddress } from '../../dbus/bus-address.ts';
import { BusConnection } from '../../dbus/connection.ts';
import { MandosService, type TellCall } from './mandos-service.ts';

export interface OpenServiceContext {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly clock: Clock;
  readonly log: Log;
  readonly tellCall?: TellCall;
}

/**
 * Does `use` with the server on the system bus, and lets go of the bus. Whether there is a
 * server shows at the first call. Throws `MandosError` `network` when there is no bus.
 */
export async function withService<T>(
  { env, clock, log, tellCall }: OpenServiceContext,
  use: (service: MandosService) => Promise<T>,
): Promise<T> {
  await using bus = await BusConnection.open(systemBusAddress(env), { clock, log });
  return await use(new MandosService(bus, tellCall));
}
