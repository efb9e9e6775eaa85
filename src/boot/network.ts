import type { ServerAddress } from './server-address.ts';

/** A network interface as the kernel shows it (netdevice(7)). */
export interface NetworkLink {
  readonly index: number;
  readonly name: string;
  readonly up: boolean;
  /** Up, with a carrier: packets can pass. */
  readonly running: boolean;
  readonly loopback: boolean;
  readonly pointToPoint: boolean;
  readonly broadcast: boolean;
  readonly noArp: boolean;
}

/**
 * The machine's network interfaces and routes. It may take privileges for the length of a
 * call; each call is quick and throws `MandosError` `network` when it could not be done.
 */
export interface Network {
  /** All interfaces there are, up or down. */
  links(): readonly NetworkLink[];
  /**
   * Calls `changed` soon after links or addresses have changed, until it is disposed of; null
   * where there is no such news.
   */
  watch(changed: () => void): Disposable | null;
  /** A text that changes when addresses become usable or go. */
  addressState(): string;
  /** Brings an interface up, so that it has its addresses as early as can be. */
  bringUp(link: NetworkLink): void;
  /** Takes an interface down and undoes what `bringUp` did. */
  takeDown(link: NetworkLink): void;
  /**
   * Makes a route to a server as if it were on the link of the interface; null when there is
   * one already.
   */
  addRoute(server: ServerAddress, interfaceName: string): Disposable | null;
  /** Keeps the kernel's messages off the console until it is disposed of. */
  quietenKernel(): Disposable;
}
