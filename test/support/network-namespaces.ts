import { spawnSync } from 'node:child_process';
import process from 'node:process';
import { succeed } from './process.ts';

const IP = '/usr/sbin/ip';
let made = 0;

const existing = new Set<string>();
process.on('exit', () => {
  for (const name of existing) spawnSync(IP, ['netns', 'del', name]);
});

/** A command line as `RunningProgram.start` and `run` take it. */
export type CommandLine = readonly [command: string, args: readonly string[]];

/** A machine on a network of a test's own. */
export interface NetworkSide {
  /** Of its namespace. */
  readonly name: string;
  /** Of its one network interface, besides the loopback. */
  readonly interface: string;
  /** The same program, on this machine. */
  command(program: string, ...args: readonly string[]): CommandLine;
  /** Runs ip(8) there. */
  ip(...args: readonly string[]): Promise<string>;
}

/** A network namespace. It is removed when the test lets go of it. */
export class NetworkNamespace implements AsyncDisposable {
  readonly side: NetworkSide;

  private constructor(side: NetworkSide) {
    this.side = side;
  }

  /** @param interfaceName of the interface that the caller puts into it */
  static async make(role: string, interfaceName: string): Promise<NetworkNamespace> {
    const name = `mandos-test-${process.pid}-${++made}-${role}`;
    await succeed(IP, ['netns', 'add', name]);
    existing.add(name);
    return new NetworkNamespace(side(name, interfaceName));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (existing.delete(this.side.name)) await succeed(IP, ['netns', 'del', this.side.name]);
  }
}

/**
 * Two network namespaces joined by a cable, with nothing but IPv6 link-local addresses.
 * They are removed when the test lets go of them.
 */
export class NetworkNamespaces implements AsyncDisposable {
  readonly left: NetworkSide;
  readonly right: NetworkSide;
  readonly #names: readonly string[];

  private constructor(names: readonly [string, string]) {
    this.#names = names;
    this.left = side(names[0], 'left0');
    this.right = side(names[1], 'right0');
  }

  /** @param up whether the interfaces are up from the start */
  static async make(up = true): Promise<NetworkNamespaces> {
    const base = `mandos-test-${process.pid}-${++made}`;
    const names = [`${base}-left`, `${base}-right`] as const;
    const pair = new NetworkNamespaces(names);
    try {
      for (const name of names) {
        await succeed(IP, ['netns', 'add', name]);
        existing.add(name);
      }
      await pair.left.ip(
        ...['link', 'add', 'left0', 'type', 'veth'],
        ...['peer', 'name', 'right0', 'netns', names[1]],
      );
      for (const { ip, interface: name } of [pair.left, pair.right]) {
        await ip('link', 'set', 'lo', 'up');
        if (up) await ip('link', 'set', name, 'up');
      }
      return pair;
    } catch (error) {
      await pair[Symbol.asyncDispose]();
      throw error;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const name of this.#names) {
      if (!existing.delete(name)) continue;
      await succeed(IP, ['netns', 'del', name]);
    }
  }
}

function side(name: string, interfaceName: string): NetworkSide {
  return {
    name,
    interface: interfaceName,
    command: (program, ...args) => [IP, ['netns', 'exec', name, program, ...args]],
    ip: async (...args) => (await succeed(IP, ['-n', name, ...args])).toString(),
  };
}
