import { avahiDaemonScript } from './avahi-daemon.ts';
import type { NetworkSide } from './network-namespaces.ts';
import { PrivateBus } from './private-bus.ts';
import { type Outcome, RunningProgram, run } from './process.ts';
import { inRepository } from './repository.ts';
import { TempDir } from './temp-dir.ts';

const TOOLS = inRepository('.cache/originals/avahi-utils/usr/bin');

/** An avahi-daemon with a bus of its own, on one machine of a test's network. */
export class Avahi implements AsyncDisposable {
  readonly #side: NetworkSide;
  readonly #resources: AsyncDisposableStack;
  readonly #bus: PrivateBus;
  readonly #env: Readonly<Record<string, string>>;

  private constructor(side: NetworkSide, resources: AsyncDisposableStack, bus: PrivateBus) {
    this.#side = side;
    this.#resources = resources;
    this.#bus = bus;
    this.#env = { DBUS_SYSTEM_BUS_ADDRESS: bus.address };
  }

  /** @param alone whether it keeps the port of multicast DNS to itself */
  static async start(side: NetworkSide, alone = false): Promise<Avahi> {
    await using resources = new AsyncDisposableStack();
    const bus = resources.use(await PrivateBus.start());
    const dir = resources.use(await TempDir.create());
    const config = await dir.write(
      'avahi.conf',
      `[server]
host-name=avahi-host
use-ipv4=yes
use-ipv6=yes
disallow-other-stacks=${alone ? 'yes' : 'no'}
[wide-area]
enable-wide-area=no
[publish]
publish-workstation=no
`,
    );
    const avahi = new Avahi(side, resources, bus);
    const script = await avahiDaemonScript(dir, config, '--debug');
    const daemon = resources.use(
      RunningProgram.start(...side.command('/bin/sh', '-c', script), { env: avahi.#env }),
    );
    await daemon.waitForLine(/Server startup complete/);
    return new Avahi(side, resources.move(), bus);
  }

  /** Of its own bus. */
  get busAddress(): string {
    return this.#bus.address;
  }

  /** Runs avahi-browse or another of its tools to its end. */
  async run(tool: string, ...args: readonly string[]): Promise<Outcome> {
    return await run(...this.#side.command(`${TOOLS}/${tool}`, ...args), { env: this.#env });
  }

  /** Starts avahi-publish or another tool that stays. */
  start(tool: string, ...args: readonly string[]): RunningProgram {
    return RunningProgram.start(...this.#side.command(`${TOOLS}/${tool}`, ...args), {
      env: this.#env,
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#resources.disposeAsync();
  }
}
