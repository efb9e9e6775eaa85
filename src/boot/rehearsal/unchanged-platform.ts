import type { HookRunner } from '../network-hooks.ts';
import type { Platform } from '../platform.ts';

/**
 * The same machine with its network as it is: no hook is run, no interface brought up or taken
 * down, no route made, and the kernel speaks as it likes. It runs, and others need it.
 * @param changes what else is to be another's
 */
export function unchangedPlatform(
  platform: Platform,
  changes: Pick<Platform, 'log' | 'stop' | 'browse'>,
): Platform {
  const { clock, network } = platform;
  return {
    clock,
    network: {
      links: () => network.links(),
      watch: (changed) => network.watch(changed),
      addressState: () => network.addressState(),
      bringUp: () => undefined,
      takeDown: () => undefined,
      addRoute: () => null,
      quietenKernel: () => ({ [Symbol.dispose]: () => undefined }),
    },
    hooks: NO_HOOKS,
    connect: async (server, cancel) => await platform.connect(server, cancel),
    tlsEngines: (key, name, policy) => platform.tlsEngines(key, name, policy),
    readFile: async (path, limit) => await platform.readFile(path, limit),
    writeOutput: async (bytes) => await platform.writeOutput(bytes),
    ...changes,
  };
}

const NO_HOOKS: HookRunner = {
  user: 0,
  facts: () => null,
  names: () => [],
  run: async () => null,
};
