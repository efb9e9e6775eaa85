import type { Network, NetworkLink } from '../../src/boot/network.ts';
import type { ServerAddress } from '../../src/boot/server-address.ts';
import { MandosError } from '../../src/core/error.ts';

/** An Ethernet interface that is down. */
export function ethernet(index: number, more: Partial<NetworkLink> = {}): NetworkLink {
  return {
    ...{ index, name: `eth${index}`, up: false, running: false, loopback: false },
    ...{ pointToPoint: false, broadcast: true, noArp: false },
    ...more,
  };
}

/** A machine's interfaces, routes and console, inside the test. */
export class SimulatedNetwork implements Network {
  readonly machine = new Map<number, NetworkLink>();
  /** The addresses for which there is a route besides those of the machine itself. */
  readonly routes = new Set<string>();
  /** Everything that was done, in order. */
  readonly deeds: string[] = [];
  /** Indices of interfaces that cannot be brought up. */
  readonly broken = new Set<number>();
  /** Whether an interface that is brought up runs at once. */
  runsAtOnce = true;
  quiet = false;
  addresses = '';
  /** Whether there is news of changes. */
  tells = false;
  /** Who hears of changes by `tell`. */
  readonly watchers = new Set<() => void>();

  watch(changed: () => void): Disposable | null {
    if (!this.tells) return null;
    this.watchers.add(changed);
    return { [Symbol.dispose]: () => void this.watchers.delete(changed) };
  }

  /** The kernel tells that something has changed. */
  tell(): void {
    for (const watcher of this.watchers) watcher();
  }

  add(...links: readonly NetworkLink[]): void {
    for (const link of links) this.machine.set(link.index, link);
  }

  change(index: number, more: Partial<NetworkLink>): void {
    const link = this.machine.get(index);
    if (link !== undefined) this.machine.set(index, { ...link, ...more });
  }

  links(): readonly NetworkLink[] {
    return [...this.machine.values()];
  }

  addressState(): string {
    return this.addresses;
  }

  bringUp({ index, name }: NetworkLink): void {
    if (this.broken.has(index)) throw new MandosError('network', 'cannot bring it up (EPERM)');
    this.deeds.push(`up ${name}`);
    this.change(index, { up: true, running: this.runsAtOnce });
  }

  takeDown({ index, name }: NetworkLink): void {
    if (!this.machine.has(index)) throw new MandosError('network', 'cannot take it down (ENODEV)');
    this.deeds.push(`down ${name}`);
    this.change(index, { up: false, running: false });
  }

  addRoute({ address }: ServerAddress, interfaceName: string): Disposable | null {
    if (this.routes.has(address)) return null;
    this.routes.add(address);
    this.deeds.push(`route ${address} ${interfaceName}`);
    return {
      [Symbol.dispose]: () => {
        this.routes.delete(address);
        this.deeds.push(`no route ${address}`);
      },
    };
  }

  quietenKernel(): Disposable {
    this.quiet = true;
    return {
      [Symbol.dispose]: () => {
        this.quiet = false;
      },
    };
  }
}
