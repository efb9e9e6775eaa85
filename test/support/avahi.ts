import { RestartableBus } from '../dbus/restartable-bus.ts';
import { avahiDaemonScript } from './avahi-daemon.ts';
import type { NetworkSide } from './network-namespaces.ts';
import { type Outcome, RunningProgram, run } from './process.ts';
import { inRepository } from './repository.ts';
import { TempDir } from './temp-dir.ts';

const TOOLS = inRepository('.cache/originals/avahi-utils/usr/bin');

/** An avahi-daemon with a bus of its own, on one machine of a test's network. */
export class Avahi implements AsyncDisposable {
  readonly #side: NetworkSide;
  readonly #dir: TempDir;
  readonly #bus: RestartableBus;
  readonly #script: string;
  readonly #env: Readonly<Record<string, string>>;
  #daemon: RunningProgram | null = null;

  private constructor(side: NetworkSide, dir: TempDir, bus: RestartableBus, script: string) {
    this.#side = side;
    this.#dir = dir;
    this.#bus = bus;
    this.#script = script;
    this.#env = { DBUS_SYSTEM_BUS_ADDRESS: bus.address };
  }

  /** @param alone whether it keeps the port of multicast DNS to itself */
  static async start(side: NetworkSide, alone = false): Promise<Avahi> {
    await using cleanup = new AsyncDisposableStack();
    const bus = cleanup.use(await RestartableBus.start());
    const dir = cleanup.use(await TempDir.create());
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
    const script = await avahiDaemonScript(dir, config, '--debug');
    const avahi = new Avahi(side, dir, bus, script);
    await avahi.startDaemon();
    cleanup.move();
    return avahi;
  }

  /** Starts avahi-daemon, after it was stopped. */
  async startDaemon(): Promise<void> {
    const command = this.#side.command('/bin/sh', '-c', this.#script);
    this.#daemon = RunningProgram.start(...command, { env: this.#env });
    await this.#daemon.waitForLine(/Server startup complete/);
  }

  /** Ends avahi-daemon in order, or (`SIGKILL`) as a crash does: without a goodbye. */
  async stopDaemon(signal: 'SIGTERM' | 'SIGKILL' = 'SIGTERM'): Promise<void> {
    this.#daemon?.kill(signal);
    await this.#daemon?.exit;
    await this.#daemon?.[Symbol.asyncDispose]();
    this.#daemon = null;
  }

  /** Ends the bus and avahi-daemon with it, then starts both again. */
  async restartAll(): Promise<void> {
    await this.#bus.stop();
    await this.stopDaemon();
    await this.#bus.startAgain();
    await this.startDaemon();
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
    await this.#daemon?.[Symbol.asyncDispose]();
    await this.#bus[Symbol.asyncDispose]();
    await this.#dir[Symbol.asyncDispose]();
  }
}
