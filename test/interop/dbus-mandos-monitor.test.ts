/** Debian's mandos-monitor on our server, in a terminal of tmux. */
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import test from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { minutes, wallTime } from '../../src/core/time.ts';
import { ClientPaths } from '../../src/server/bus/client-paths.ts';
import { MandosBus } from '../../src/server/bus/mandos-bus.ts';
import { bootClock } from '../../src/system/boot-clock.ts';
import { FakeModel, makeClient } from '../dbus/fake-model.ts';
import { ServiceOnABus } from '../dbus/service-on-a-bus.ts';
import { RunningProgram, succeed } from '../support/process.ts';
import { inRepository } from '../support/repository.ts';
import { requires } from '../support/requirements.ts';
import { TempDir } from '../support/temp-dir.ts';

const TMUX = '/usr/bin/tmux';
const MONITOR = inRepository('.cache/originals/mandos/usr/sbin/mandos-monitor');

const needed = existsSync(TMUX) ? requires('original server') : { skip: `${TMUX} is missing` };

class Monitor implements AsyncDisposable {
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

function startModel(): FakeModel {
  const settings = { approvalDelay: minutes(5), approvedByDefault: false };
  const model = new FakeModel(['bar', 'foo'].map((name) => makeClient(name, { settings })));
  model.now = { boot: model.now.boot, wall: wallTime(Date.now()) };
  return model;
}

test('a failing check, an approval counting down, and keys that act', needed, async () => {
  const model = startModel();
  await using service = await ServiceOnABus.start(model);
  await using monitor = await Monitor.start(service.bus.address);
  await monitor.shows(/^bar:.*\nfoo:/m);

  model.check('foo', 'false', 256);
  await monitor.shows(/Checker for client foo \(command "false"\) failed with exit code 1/);

  model.askForSecret('bar', 1);
  const [, first = ''] =
    /Denial in 0:(\d\d:\d\d)/.exec(await monitor.shows(/^bar: Denial in/m)) ?? [];
  const later = await monitor.shows(new RegExp(`^bar: Denial in 0:(?!${first})`, 'm'));
  assert.match(later, /\(a\)pprove\?/);
  await monitor.press('a');
  await monitor.shows(/^bar: (?!Denial)/m);
  assert.deepEqual(model.acts.at(-1), { name: 'bar', act: { kind: 'approve', approved: true } });

  model.askForSecret('foo', 2);
  await monitor.shows(/^foo: Denial in/m);
  await monitor.press('Down');
  await monitor.press('d');
  await monitor.shows(/Client foo was rejected; reason: Denied/);
  assert.deepEqual(model.acts.at(-1), { name: 'foo', act: { kind: 'approve', approved: false } });

  await monitor.press('-');
  await monitor.shows(/^foo: DISABLED/m);
  await monitor.press('+');
  await monitor.shows(/^foo: (?!DISABLED)/m);
  await monitor.press('R');
  await monitor.showsNo(/^foo:/m);
  assert.deepEqual(model.acts.at(-1), { name: 'foo', act: { kind: 'remove' } });
});

test('it follows the server through a restart', needed, async () => {
  const model = startModel();
  await using service = await ServiceOnABus.start(model);
  await using monitor = await Monitor.start(service.bus.address);
  await monitor.shows(/^bar:.*\nfoo:/m);
  await service.service[Symbol.asyncDispose]();
  await monitor.showsNo(/^(bar|foo):/m);
  const { address } = service.bus;
  const context = { address, model, paths: new ClientPaths(), clock: bootClock, log: service.log };
  await using again = new MandosBus(context);
  await again.ready;
  await monitor.shows(/^bar:.*\nfoo:/m);
});
