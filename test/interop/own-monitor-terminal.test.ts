/** Our mandos-monitor and the terminal: on every kind, and given back on every way out. */
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { bootClock } from '../../src/system/boot-clock.ts';
import { Monitor, type MonitorOptions } from '../support/monitor.ts';
import { onATerminal, type Step } from '../support/on-a-terminal.ts';
import { PrivateBus } from '../support/private-bus.ts';
import { run } from '../support/process.ts';
import { inRepository } from '../support/repository.ts';
import { requires } from '../support/requirements.ts';

const needed = requires('private bus', 'tmux');

const serial = requires('pseudo-terminal');

/** There is no message bus. */
const NOWHERE = 'unix:path=/nonexistent/bus';

/** Running, with a screen that says that there is no server. */
async function started(address: string, options: MonitorOptions = {}): Promise<Monitor> {
  const monitor = await Monitor.start(address, { make: 'ours', size: [80, 24], ...options });
  try {
    await monitor.shows(/^No server: /);
    return monitor;
  } catch (error) {
    await monitor[Symbol.asyncDispose]();
    throw error;
  }
}

/** The status it ends with, after a check that the terminal is as it was. */
async function statusOf(monitor: Monitor): Promise<number> {
  const { status, before, after } = await monitor.end();
  assert.notEqual(before, '');
  assert.equal(after, before);
  return status;
}

for (const term of ['xterm', 'xterm-256color', 'screen', 'linux', 'vt100', 'vt220']) {
  test(`a terminal of the kind ${term}`, needed, async () => {
    await using bus = await PrivateBus.start();
    await using monitor = await started(bus.address, { env: { TERM: term } });
    const second = !['linux', 'vt100', 'vt220'].includes(term);
    assert.equal(await monitor.modes(), `${second ? 1 : 0}${term === 'vt100' ? 1 : 0}0\n`);
    await monitor.shows(/^─{4} no server ─+\nMandos Monitor version/m);
    await monitor.press('F1');
    await monitor.shows(/^Help of mandos-monitor/);
    await monitor.press('F1', 'q');
    assert.equal(await statusOf(monitor), 0);
  });
}

test('without UTF-8 the line is one of ASCII', needed, async () => {
  await using bus = await PrivateBus.start();
  await using monitor = await started(bus.address, { env: { LC_ALL: 'C', TERM: 'vt100' } });
  await monitor.shows(/^---- no server -+\n/m);
});

for (const [signal, status] of Object.entries({ TERM: 143, INT: 130, HUP: 129, QUIT: 131 })) {
  test(`the terminal is given back on SIG${signal}`, needed, async () => {
    await using bus = await PrivateBus.start();
    await using monitor = await started(bus.address);
    process.kill(await monitor.pid(), `SIG${signal}`);
    assert.equal(await statusOf(monitor), status);
  });
}

test('Ctrl-C in front of a page is as good as the signal', needed, async () => {
  await using bus = await PrivateBus.start();
  await using monitor = await started(bus.address);
  await monitor.press('?');
  await monitor.shows(/^Help/);
  await monitor.press('C-c');
  assert.equal(await statusOf(monitor), 130);
});

test('a crash gives the terminal back, and can be read', needed, async () => {
  await using bus = await PrivateBus.start();
  const node = inRepository('scripts/node');
  const program = `${node} ${inRepository('test/system/fixtures/screen-crash.ts')}`;
  await using monitor = await Monitor.start(bus.address, { program });
  await monitor.shows(/the screen/);
  assert.equal(await monitor.modes(), '100\n');
  await monitor.press('x');
  assert.equal(await statusOf(monitor), 1);
  await monitor.shows(/Error: this is the crash/);
});

test('it ends with its terminal', needed, async () => {
  await using bus = await PrivateBus.start();
  await using monitor = await started(bus.address);
  const pid = await monitor.pid();
  await monitor.hangUp();
  const deadline = bootClock.now() + 10_000;
  while (existsSync(`/proc/${pid}`)) {
    assert.ok(bootClock.now() < deadline, 'it lives on');
    await setTimeout(20);
  }
});

async function untilStopped(pid: number, wanted: boolean): Promise<void> {
  const deadline = bootClock.now() + 10_000;
  const isStopped = async () => /^State:\tT/m.test(await readFile(`/proc/${pid}/status`, 'utf8'));
  while ((await isStopped()) !== wanted) {
    assert.ok(bootClock.now() < deadline, `stopped is not ${wanted}`);
    await setTimeout(20);
  }
}

test('Ctrl-Z suspends it, and it goes on with the screen of then', needed, async () => {
  await using bus = await PrivateBus.start();
  await using monitor = await started(bus.address, { fromShell: true });
  await monitor.press('C-z');
  assert.equal(await statusOf(monitor), 148);
  await monitor.shows(/Stopped/);
  await monitor.resize(60, 20);
  await monitor.press('fg', 'Enter');
  await monitor.shows(/^No server: [\s\S]*\n─{4} no server ─{45}\n/);
  assert.equal(await monitor.modes(), '100\n');
  await monitor.press('?');
  await monitor.shows(/^Help/);
  await monitor.press('q', 'q');
  await monitor.shows(/Stopped/);
});

test(
  'SIGTSTP is as good as the key, and a stop that nobody announces does no harm',
  needed,
  async () => {
    await using bus = await PrivateBus.start();
    await using monitor = await started(bus.address, { fromShell: true });
    const pid = await monitor.pid();
    process.kill(pid, 'SIGTSTP');
    assert.equal(await statusOf(monitor), 148);
    await monitor.press('fg', 'Enter');
    await monitor.shows(/^No server/);
    process.kill(pid, 'SIGSTOP');
    await untilStopped(pid, true);
    await monitor.press('stty sane; fg', 'Enter');
    await untilStopped(pid, false);
    // Keys come one by one again.
    await monitor.press('?');
    await monitor.shows(/^Help/);
    await monitor.press('Q');
    await monitor.shows(/Stopped/);
  },
);

test('a stop without a shell to continue it does not stop it', needed, async () => {
  await using bus = await PrivateBus.start();
  const program = inRepository('bin/mandos-monitor');
  await using monitor = await started(bus.address, { program: `setsid --ctty --wait ${program}` });
  await monitor.press('C-z');
  await monitor.press('?');
  await monitor.shows(/^Help/);
  await monitor.press('Q');
  assert.equal(await statusOf(monitor), 0);
});

test('a terminal without a screen is refused', needed, async () => {
  await using bus = await PrivateBus.start();
  for (const term of ['dumb', '']) {
    await using monitor = await Monitor.start(bus.address, { make: 'ours', env: { TERM: term } });
    await monitor.shows(
      /mandos-monitor: a terminal of the kind '.*' has no screen\nmandos-monitor: hint: set TERM/,
    );
    assert.equal(await statusOf(monitor), 69);
  }
});

const vt100 = (address: string): string[] => [
  '/usr/bin/env',
  ...['TERM=vt100', 'LC_ALL=C', `DBUS_SYSTEM_BUS_ADDRESS=${address}`],
  inRepository('bin/mandos-monitor'),
];

const onAScreen: readonly Step[] = [{ stdout: 'terminal' }, { expect: 'No server' }];

test(
  'a serial line is 80 by 24, and gets few bytes that any VT100 understands',
  serial,
  async () => {
    const { shown, code, echo } = await onATerminal(vt100(NOWHERE), [
      ...onAScreen,
      { type: '?' },
      { expect: 'Toggle log window' },
      { type: '?' },
      { expect: 'No server' },
      { type: 'q' },
    ]);
    assert.deepEqual([code, echo], [0, true]);
    const [first, ...sequences] = shown.split('\x1b[');
    assert.equal(first, '');
    for (const sequence of sequences) {
      const [, row] = /^(\d+);\d+H|^[17]?m|^K|^2J|^\?7[hl]/.exec(sequence) ?? assert.fail(sequence);
      assert.ok(Number(row ?? 1) <= 24 || row === '999');
    }
    assert.ok(shown.length < 5000, `${shown.length} bytes`);
  },
);

test('a terminal that takes nothing any more does not hold it up', serial, async () => {
  for (const end of [{ type: 'Q' }, { signal: 15 }] as const) {
    const steps = [...onAScreen, { stuck: true }, { type: '?' }, end, { ended: true }] as const;
    const { code, signal, echo } = await onATerminal(vt100(NOWHERE), steps);
    assert.deepEqual(
      [code, signal, echo],
      'type' in end ? [0, null, true] : [null, 'SIGTERM', true],
    );
  }
});

test('without a terminal it says so and ends', async () => {
  const { code, stderr, stdout } = await run(inRepository('bin/mandos-monitor'), []);
  assert.deepEqual([code, stdout.length], [69, 0]);
  assert.match(stderr, /^mandos-monitor: standard input is no terminal\n.*hint: .*mandos-ctl/);
});

test('it takes no arguments but those that explain it', async () => {
  const program = inRepository('bin/mandos-monitor');
  const help = await run(program, ['--help']);
  assert.equal(help.code, 0);
  assert.match(help.stdout.toString(), /mandos-monitor/);
  assert.match((await run(program, ['--version'])).stdout.toString(), /^mandos-monitor \d/);
  const { code, stderr } = await run(program, ['now']);
  assert.equal(code, 64);
  assert.match(stderr, /now/);
});
