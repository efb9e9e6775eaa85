import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { setTimeout } from 'node:timers/promises';
import { bootClock } from '../../src/system/boot-clock.ts';
import type { Make } from './daemon-on-a-bus.ts';
import { RunningProgram, succeed } from './process.ts';
import { inRepository } from './repository.ts';
import { TempDir } from './temp-dir.ts';

const TMUX = '/usr/bin/tmux';

const MONITORS: Readonly<Record<Make, string>> = {
  original: `/usr/bin/python3 ${inRepository('.cache/originals/mandos/usr/sbin/mandos-monitor')}`,
  ours: inRepository('bin/mandos-monitor'),
};

export interface MonitorOptions {
  /** Whose monitor; Debian's unless told. */
  readonly make?: Make;
  /** Another program that takes the terminal over, instead. */
  readonly program?: string;
  /** 120 by 30 unless told. */
  readonly size?: readonly [columns: number, rows: number];
  readonly env?: Readonly<Record<string, string>>;
  /** Runs it from an interactive shell, with job control. */
  readonly fromShell?: boolean;
}

/** How the monitor has ended, and whether the terminal is as it was before. */
export interface MonitorEnd {
  readonly status: number;
  /** What stty(1) tells, and the terminal's own modes. */
  readonly before: string;
  readonly after: string;
}

/** A mandos-monitor, in a terminal of tmux. */
export class Monitor implements AsyncDisposable {
  readonly #dir: TempDir;
  readonly #server: RunningProgram;
  /** What the terminal had before the monitor began. */
  #modes = '';

  private constructor(dir: TempDir, server: RunningProgram) {
    this.#dir = dir;
    this.#server = server;
  }

  static async start(address: string, options: MonitorOptions = {}): Promise<Monitor> {
    await using cleanup = new AsyncDisposableStack();
    const dir = cleanup.use(await TempDir.create());
    const env = { DBUS_SYSTEM_BUS_ADDRESS: address, LC_ALL: 'C.UTF-8', TERM: 'xterm', PS1: '$ ' };
    // -D: the server of tmux stays our child, so that it ends with the test.
    const server = cleanup.use(RunningProgram.start(TMUX, ['-S', dir.join('tmux'), '-D'], { env }));
    const monitor = new Monitor(dir, server);
    while (!existsSync(dir.join('tmux'))) await setTimeout(20);
    const variables = Object.entries(options.env ?? {}).map(
      ([name, value]) => `${name}='${value}'`,
    );
    const program = options.program ?? MONITORS[options.make ?? 'original'];
    await dir.write(
      'run',
      `stty -a >${dir.join('before')}
env ${variables.join(' ')} ${program}
echo $? >${dir.join('status')}
stty -a >${dir.join('after')}
`,
    );
    const [columns, rows] = options.size ?? [120, 30];
    const size = ['-x', String(columns), '-y', String(rows)];
    // A terminal that is still there when the monitor has ended; nothing else is typed into cat.
    const command = options.fromShell
      ? 'exec /bin/bash --noprofile --norc -i'
      : `/bin/sh -c 'read go; . ${dir.join('run')}; exec cat'`;
    await monitor.#tmux('new-session', '-d', ...size, command);
    monitor.#modes = await monitor.modes();
    await monitor.press(options.fromShell ? `. ${dir.join('run')}` : 'go', 'Enter');
    cleanup.move();
    return monitor;
  }

  async #tmux(...args: string[]): Promise<string> {
    const output = await succeed(TMUX, ['-S', this.#dir.join('tmux'), ...args]);
    return output.toString('utf8');
  }

  press(...keys: string[]): Promise<string> {
    return this.#tmux('send-keys', ...keys);
  }

  /** Types a text as it is. */
  type(text: string): Promise<string> {
    return this.#tmux('send-keys', '-l', text);
  }

  resize(columns: number, rows: number): Promise<string> {
    return this.#tmux('resize-window', '-x', String(columns), '-y', String(rows));
  }

  /** Closes the terminal, as when a connection breaks. */
  hangUp(): Promise<string> {
    return this.#tmux('kill-window');
  }

  /** The terminal's modes: whether it shows its second screen and a cursor, and wraps lines. */
  modes(): Promise<string> {
    return this.#tmux('display-message', '-p', '#{alternate_on}#{cursor_flag}#{wrap_flag}');
  }

  /** The process of our own monitor. */
  async pid(): Promise<number> {
    const { stdout } = this.#server;
    assert.equal(stdout.length, 0);
    const children = (await this.#tmux('list-panes', '-F', '#{pane_pid}')).trim();
    return await monitorBelow(Number(children));
  }

  /** Waits for the end. */
  async end(): Promise<MonitorEnd> {
    const path = (name: string): string => this.#dir.join(name);
    await this.#waitFor('its end', async () => (await textOf(path('after'))).includes('iexten'));
    // The terminal has taken all that was sent to it when it has taken what the shell sends.
    return {
      status: Number(await textOf(path('status'))),
      before: (await textOf(path('before'))) + this.#modes,
      after: (await textOf(path('after'))) + (await this.modes()),
    };
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

  screen(): Promise<string> {
    return this.#tmux('capture-pane', '-p');
  }

  async #until(what: string, isSo: (screen: string) => boolean): Promise<string> {
    let screen = '';
    await this.#waitFor(what, async () => {
      screen = await this.screen();
      return isSo(screen);
    });
    return screen;
  }

  async #waitFor(what: string, isSo: () => Promise<boolean>): Promise<void> {
    const deadline = bootClock.now() + 60_000;
    while (!(await isSo())) {
      const screen = bootClock.now() < deadline ? '' : await this.screen();
      assert.ok(bootClock.now() < deadline, `waited in vain for ${what}:\n${screen}`);
      await setTimeout(50);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server[Symbol.asyncDispose]();
    await this.#dir[Symbol.asyncDispose]();
  }
}

async function textOf(path: string): Promise<string> {
  return existsSync(path) ? await readFile(path, 'utf8') : '';
}

/** The descendant of `pid` that runs our monitor. */
async function monitorBelow(pid: number): Promise<number> {
  const command = await textOf(`/proc/${pid}/cmdline`);
  if (/^[^\0]*mandos-monitor\0|main\.ts\0mandos-monitor\0/.test(command)) return pid;
  const children = await textOf(`/proc/${pid}/task/${pid}/children`);
  for (const child of children.trim().split(' ').filter(Boolean)) {
    const found = await monitorBelow(Number(child)).catch(() => null);
    if (found !== null) return found;
  }
  throw new Error(`no monitor below ${pid} (${command})`);
}
