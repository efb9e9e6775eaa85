import type { Log } from '../core/log.ts';
import { type Clock, milliseconds } from '../core/time.ts';
import { watchNetworkNews } from '../system/network-news.ts';
import { MANDOS_TYPE } from './announcer.ts';
import { Browser, type BrowserEffect } from './browser.ts';
import type { Family } from './link.ts';
import { MachineRunner } from './machine-runner.ts';
import { NodeMulticast } from './multicast-node.ts';

/**
 * Somebody waits for a machine to boot, and the kernel may not tell of changes; a look costs a
 * quarter of a millisecond.
 */
const PERIOD = milliseconds(200);

export interface BrowseOptions {
  /** Whether an interface is to be used; asked again whenever interfaces change. */
  readonly wanted: (interfaceName: string) => boolean;
  readonly families: readonly Family[];
  readonly log: Log;
  readonly clock: Clock;
}

/** A search that goes on until it is let go of. */
export interface Search extends AsyncDisposable {
  /** A server was tried without success: when there are too many, it is forgotten first. */
  setAside(id: string): void;
}

/**
 * Looks for Mandos servers on every interface, from the moment when it can be used, with
 * the project's own browser. What is found or gone is told to `listener`.
 * @throws MandosError `network` when the port of multicast DNS cannot be had
 */
export async function browse(
  options: BrowseOptions,
  listener: (effect: BrowserEffect) => void,
): Promise<Search> {
  const { clock } = options;
  const multicast = await NodeMulticast.open({
    ...options,
    period: PERIOD,
    news: (changed) => watchNetworkNews(clock, changed),
  });
  const browser = new Browser(MANDOS_TYPE);
  const runner = new MachineRunner(browser, multicast, clock, listener);
  multicast.start({
    received: (packet) => runner.received(packet),
    linksChanged: (links) => runner.linksChanged(links),
  });
  return {
    setAside: (id) => browser.setAside(id),
    async [Symbol.asyncDispose]() {
      runner.stop();
      await multicast[Symbol.asyncDispose]();
    },
  };
}
