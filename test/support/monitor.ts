import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';
import { bootClock } from '../../src/system/boot-clock.ts';
import { RunningProgram, succeed } from './process.ts';
import { inRepository } from './repository.ts';
import { TempDir } from './temp-dir.ts';

const TMUX = '/usr/bin/tmux';
const MONITOR = inRepository('.cache/originals/mandos/usr/sbin/mandos-monitor');

/** Debian's mandos-monitor, in a terminal of tmux. */
export class Monitor implements AsyncDisposable {
  readonly #dir: TempDir;
  readonly #server: RunningProgram;

  private constructor(dir: TempDir, server: RunningProgram) {
    this.#dir = dir;
    this.#server = server;
  }

  static async start(address: string): Promise<Monitor> {
    const dir = await TempDir.create();
    const env = { DBUS_SYSTEM_BUS_ADDRESS: address, LC_ALL: 'C.UTF-8', TERM: 'xterm' };
    // -D: the server of tmux stays our child, so that it ends with the test.
    const server = RunningProgram.start(TMUX, ['-S', dir.join('tmux'), '-D'], { env });
    const monitor = new Monitor(dir, server);
    while (!existsSync(dir.join('tmux'))) await setTimeout(20);
    const size = ['-x', '120', '-y', '30'];
    await monitor.#tmux('new-session', '-d', ...size, `/usr/bin/python3 ${MONITOR}`);
    return monitor;
  }

  async #tmux(...args: string[]): Promise<string> {
    const output = await succeed(TMUX, ['-S', this.#dir.join('tmux'), ...args]);
    return output.toString('utf8');
  }

  press(...keys: string[]): Promise<string> {
    return this.#tmux('send-keys', ...keys);
  }

  /** Waits until the screen matches, and returns it. */
  shows(pattern: RegExp): Promise<string> {
    return this.#until(`${pattern} to show`, (screen) => pattern.test(screen));
  }

  /** Waits until there is a screen that does not match. */
  async showsNo(pattern: RegExp): Promise<void> {
    const gone = (screen: string): boolean => screen.includes('q: Quit') && !pattern.test(screen);
    await this.#until(`${pattern} to go`, gone);
  }

  async #until(what: string, isSo: (screen: string) => boolean): Promise<string> {
    const deadline = bootClock.now() + 15_000;
    for (;;) {
      const screen = await this.#tmux('capture-pane', '-p');
      if (isSo(screen)) return screen;
      assert.ok(bootClock.now() < deadline, `waited in vain for ${what}:\n${screen}`);
      await setTimeout(50);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server[Symbol.asyncDispose]();
    await this.#dir[Symbol.asyncDispose]();
  }
}
