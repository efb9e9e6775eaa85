import type { ClientSettings } from './client-settings.ts';
import type { ServerAddress } from './server-address.ts';

/** What network hooks are told about the program's options (mandos-client(8mandos)). */
export function hookEnvironment(settings: ClientSettings): Readonly<Record<string, string>> {
  const { connect, interfaces, delay, debug } = settings;
  return {
    DEVICE: interfaces.names.join(','),
    VERBOSITY: debug ? '1' : '0',
    // With six digits, as the original writes it.
    DELAY: (delay / 1000).toFixed(6),
    ...(connect === null ? {} : { CONNECT: asOption(connect) }),
  };
}

/** As it was given to `--connect`. */
function asOption({ address, port, interface: scope }: ServerAddress): string {
  return `${address}${scope === null ? '' : `%${scope}`}:${port}`;
}
