/** Debian's mandos-monitor and ours on whole servers: the same steps on Debian's and on ours. */
import assert from 'node:assert/strict';
import test from 'node:test';
import { bootClock } from '../../src/system/boot-clock.ts';
import { clientSection } from '../support/client-keys.ts';
import { DaemonOnABus, type Make } from '../support/daemon-on-a-bus.ts';
import { ask } from '../support/mandos-peer.ts';
import { Monitor } from '../support/monitor.ts';
import { requires } from '../support/requirements.ts';
import { tlsKey } from '../support/tls-keys.ts';

const key = tlsKey();

/** Checks by themselves come after the test. */
const CLIENTS = `[DEFAULT]
interval = PT20H
secret = aGVsbG8=
fingerprint = 778827225BA7DE539C5A7CFA59CFF7CDBD9A5920
${clientSection('bar', {
  key_id: key.keyId,
  checker: 'true',
  approval_delay: 'PT1H',
  approved_by_default: 'False',
})}
${clientSection('fading', { key_id: tlsKey().keyId, checker: 'exit 3', timeout: 'PT4S' })}
${clientSection('sleeper', { key_id: tlsKey().keyId, checker: 'sleep 1000', enabled: 'False' })}`;

/** What it has told at the bottom of the screen, without the times. */
function told(screen: string): string[] {
  const lines = screen.split('\n').filter((line) => /^\d{4}-\d\d-\d\d /.test(line));
  return lines.map((line) => line.replace(/^[-\d]+ [:,\d]+: /, ''));
}

async function untilChecking(daemon: DaemonOnABus, wanted: boolean): Promise<void> {
  const deadline = bootClock.now() + 10_000;
  for (;;) {
    const { stdout } = await daemon.ctl('--dump-json', 'sleeper');
    if (JSON.parse(stdout.toString('utf8')).sleeper.CheckerRunning === wanted) return;
    assert.ok(bootClock.now() < deadline, `CheckerRunning is not ${wanted}`);
  }
}

/** Every step an operator takes, and what the monitor has told of it. */
async function story(make: Make, monitorMake: Make): Promise<readonly string[]> {
  await using daemon = await DaemonOnABus.start(make, { clients: CLIENTS });
  await using monitor = await Monitor.start(daemon.bus.address, { make: monitorMake });
  await monitor.shows(/^bar: .*\nfading: .*\nsleeper: DISABLED/m);

  const denied = ask(daemon.port, key.privatePem);
  await monitor.shows(/^bar: Denial in/m);
  await monitor.press('d');
  assert.equal(await denied, null);
  await monitor.shows(/Client bar was rejected; reason: Denied/);
  await monitor.shows(/^bar: (?!Denial)/m);

  // A checker that fails, and the lock-out that follows.
  await monitor.press('Down');
  await monitor.press('C');
  await monitor.press('s');
  await monitor.shows(/Checker for client fading \(command "exit 3"\) failed with exit code 3/);
  await monitor.shows(/^fading: A checker has failed! Time until client gets disabled: 0:00:0\d/m);
  await monitor.shows(/^fading: DISABLED/m);

  // The denial has ceased to hold. This approval counts down until it is given.
  await monitor.press('Up');
  const approved = ask(daemon.port, key.privatePem);
  const [, first = ''] =
    /Denial in 0:(\d\d:\d\d)/.exec(await monitor.shows(/^bar: Denial in/m)) ?? [];
  await monitor.shows(new RegExp(`^bar: Denial in 0:(?!${first}).*\\(a\\)pprove\\?`, 'm'));
  await monitor.press('a');
  assert.equal(Buffer.from((await approved) ?? []).toString(), 'hello');
  await monitor.shows(/Client bar received its secret/);

  // Enabling, a checker that runs and is stopped, disabling, removing.
  await monitor.press('Down');
  await monitor.press('Down');
  await monitor.press('+');
  await monitor.shows(/^sleeper: (?!DISABLED)/m);
  await monitor.press('s');
  await untilChecking(daemon, true);
  await monitor.press('S');
  await untilChecking(daemon, false);
  await monitor.press('-');
  const screen = await monitor.shows(/^sleeper: DISABLED/m);
  await monitor.press('R');
  await monitor.showsNo(/^sleeper:/m);
  assert.notEqual((await daemon.ctl('--is-enabled', 'sleeper')).code, 0);
  assert.equal((await daemon.ctl('--is-enabled', 'fading')).code, 1);
  return told(screen);
}

const needed = requires('original server', 'tmux');

const COMBINATIONS: readonly (readonly [monitor: Make, server: Make])[] = [
  ['original', 'original'],
  ['original', 'ours'],
  ['ours', 'original'],
  ['ours', 'ours'],
];

const stories = new Map<string, readonly string[]>();

for (const [monitor, server] of COMBINATIONS) {
  test(`the ${monitor} mandos-monitor on the ${server} server`, needed, async () => {
    const told = await story(server, monitor);
    assert.ok(told.length >= 4, told.join('\n'));
    stories.set(`${monitor} on ${server}`, told);
  });
}

test('all of them have told the same', needed, () => {
  assert.equal(stories.size, COMBINATIONS.length);
  const expected = stories.get('original on original');
  for (const [which, told] of stories) assert.deepEqual(told, expected, which);
});
