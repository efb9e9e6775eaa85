/** A network for virtual machines and servers, with nothing but IPv6 link-local addresses. */
import {
  type CommandLine,
  NetworkNamespace,
  type NetworkSide,
} from '../support/network-namespaces.ts';

/** One network segment: a bridge that virtual machines and servers are plugged into. */
export class Lan implements AsyncDisposable {
  readonly #hub: NetworkNamespace;
  readonly #servers: NetworkNamespace[] = [];
  #taps = 0;

  private constructor(hub: NetworkNamespace) {
    this.#hub = hub;
  }

  static async make(): Promise<Lan> {
    const lan = new Lan(await NetworkNamespace.make('hub', 'bridge0'));
    const { ip } = lan.#hub.side;
    // Without snooping, multicast reaches everybody from the first packet on.
    await ip(
      ...['link', 'add', 'bridge0', 'type', 'bridge', 'mcast_snooping', '0'],
      ...['forward_delay', '0', 'stp_state', '0'],
    );
    await ip('link', 'set', 'bridge0', 'addrgenmode', 'none', 'up');
    return lan;
  }

  /** Plugs in a machine for a server, up and with its address usable at once. */
  async addServer(): Promise<NetworkSide> {
    const number = this.#servers.length;
    const namespace = await NetworkNamespace.make(`server${number}`, 'eth0');
    this.#servers.push(namespace);
    const { ip } = namespace.side;
    const port = `server${number}`;
    await ip(
      ...['link', 'add', 'eth0', 'type', 'veth'],
      ...['peer', 'name', port, 'netns', this.#hub.side.name],
    );
    await this.#plug(port);
    await ip('link', 'set', 'lo', 'up');
    await ip('link', 'set', 'eth0', 'up');
    return namespace.side;
  }

  /** The name of a new network interface for a virtual machine. */
  async addMachine(): Promise<string> {
    const tap = `tap${this.#taps++}`;
    await this.#hub.side.ip('tuntap', 'add', tap, 'mode', 'tap');
    await this.#plug(tap);
    return tap;
  }

  /** A program where the virtual machines' interfaces are. */
  command(program: string, ...args: readonly string[]): CommandLine {
    return this.#hub.side.command(program, ...args);
  }

  async #plug(port: string): Promise<void> {
    await this.#hub.side.ip(
      ...['link', 'set', port, 'master', 'bridge0', 'addrgenmode', 'none', 'up'],
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const namespace of [...this.#servers, this.#hub]) await namespace[Symbol.asyncDispose]();
  }
}
