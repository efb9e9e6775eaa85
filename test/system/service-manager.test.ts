/** What the service manager is told, and what of it anybody else gets to see (sd_notify(3)). */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { MandosError } from '../../src/core/error.ts';
import { milliseconds } from '../../src/core/time.ts';
import {
  type ServiceContract,
  ServiceManager,
  takeServiceContract,
} from '../../src/system/service-manager.ts';
import { takeActivatedSocket } from '../../src/system/socket-activation.ts';
import { DatagramListener } from '../support/datagram-listener.ts';
import { RecordingLog } from '../support/recording-log.ts';
import { SimulatedClock } from '../support/simulated-clock.ts';
import { TempDir } from '../support/temp-dir.ts';

const PID = 4711;

function manager(contract: ServiceContract) {
  const clock = new SimulatedClock();
  const log = new RecordingLog();
  return { clock, log, manager: new ServiceManager(contract, { clock, log }) };
}

describe('the contract with the service manager', () => {
  const cases: [environment: Record<string, string>, contract: ServiceContract][] = [
    [{}, { socket: null, watchdog: null }],
    [{ NOTIFY_SOCKET: '/run/n' }, { socket: '/run/n', watchdog: null }],
    [
      { NOTIFY_SOCKET: '@n', WATCHDOG_USEC: '3000000' },
      { socket: '@n', watchdog: milliseconds(3000) },
    ],
    [
      { NOTIFY_SOCKET: '@n', WATCHDOG_USEC: '3000000', WATCHDOG_PID: '4711' },
      { socket: '@n', watchdog: milliseconds(3000) },
    ],
    // It is another process that is watched.
    [
      { NOTIFY_SOCKET: '@n', WATCHDOG_USEC: '3000000', WATCHDOG_PID: '4712' },
      { socket: '@n', watchdog: null },
    ],
    [
      { NOTIFY_SOCKET: '@n', WATCHDOG_USEC: '0' },
      { socket: '@n', watchdog: null },
    ],
    [
      { NOTIFY_SOCKET: '@n', WATCHDOG_USEC: '1e9' },
      { socket: '@n', watchdog: null },
    ],
    [{ WATCHDOG_USEC: '3000000' }, { socket: null, watchdog: null }],
  ];
  for (const [given, contract] of cases) {
    it(`is read from ${JSON.stringify(given)}, which nobody else sees`, () => {
      const environment: Record<string, string> = { ...given, PATH: '/bin' };
      assert.deepEqual(takeServiceContract(environment, PID), contract);
      assert.deepEqual(environment, { PATH: '/bin' });
    });
  }
});

describe('the service manager', () => {
  for (const kind of ['a path', 'an abstract name']) {
    it(`is told at ${kind} that the service is ready, and that it stops`, async () => {
      await using dir = await TempDir.create();
      const socket = kind === 'a path' ? dir.join('notify') : `@${dir.path}`;
      await using listener = await DatagramListener.start(socket);
      const { manager: told } = manager({ socket, watchdog: null });
      using _told = told;
      told.ready('two\nlines');
      told.watch(() => true);
      told.stopping();
      await listener.waitFor(/^STOPPING=1$/m);
      assert.deepEqual(listener.datagrams, [
        'READY=1\nSTATUS=two lines',
        'STOPPING=1\nSTATUS=stopping',
      ]);
    });
  }

  it('hears from the watchdog twice as often as it asks, while the server works', async () => {
    await using dir = await TempDir.create();
    await using listener = await DatagramListener.start(dir.join('notify'));
    const contract = { socket: dir.join('notify'), watchdog: milliseconds(1000) };
    const { clock, log, manager: told } = manager(contract);
    let works = true;
    told.watch(() => works);
    await clock.advance(milliseconds(1500));
    works = false;
    await clock.advance(milliseconds(10_000));
    works = true;
    await clock.advance(milliseconds(10_000));
    told.stopping();
    await listener.waitFor(/^STOPPING=1$/m);
    assert.equal(listener.datagrams.filter((text) => text === 'WATCHDOG=1').length, 4);
    assert.match(log.at('critical').join(), /does not work any more/);
    assert.equal(clock.pending, 0);
  });

  it('is told later when it does not listen yet', async () => {
    await using dir = await TempDir.create();
    const { clock, log, manager: told } = manager({ socket: dir.join('notify'), watchdog: null });
    told.ready('ready');
    await clock.advance(milliseconds(250));
    assert.equal(log.at('error').length, 1);
    await using listener = await DatagramListener.start(dir.join('notify'));
    await clock.advance(milliseconds(100));
    assert.deepEqual(await listener.waitFor(/^READY=1$/m), ['READY=1\nSTATUS=ready']);
    assert.equal(clock.pending, 0);
  });

  it('is given up in the end, and never when there is none', async () => {
    for (const socket of ['/nonexistent/notify', 'vsock:2:1234', `/${'x'.repeat(200)}`]) {
      const { clock, log, manager: told } = manager({ socket, watchdog: null });
      told.ready('ready');
      await clock.advance(milliseconds(60_000));
      assert.equal(clock.pending, 0);
      assert.equal(log.at('error').length, 1);
    }
    const { clock, log, manager: told } = manager({ socket: null, watchdog: null });
    told.ready('ready');
    told.stopping();
    assert.equal(clock.pending, 0);
    assert.deepEqual(log.lines, []);
  });
});

describe('socket activation', () => {
  it('takes the one socket that is for this process', () => {
    const environment = { LISTEN_FDS: '1', LISTEN_PID: '4711', LISTEN_FDNAMES: 'mandos.socket' };
    assert.equal(takeActivatedSocket(environment, PID), 3);
    assert.deepEqual(environment, {});
  });

  it('leaves alone what is for another process, and takes no socket for one', () => {
    for (const given of [
      {},
      { LISTEN_FDS: '1' },
      { LISTEN_FDS: '1', LISTEN_PID: '4712' },
      { LISTEN_FDS: '0', LISTEN_PID: '4711' },
    ]) {
      const environment: Record<string, string> = { ...given };
      assert.equal(takeActivatedSocket(environment, PID), null);
      assert.deepEqual(environment, {});
    }
  });

  it('refuses more than one', () => {
    for (const count of ['2', 'x', '-1', '']) {
      assert.throws(
        () => takeActivatedSocket({ LISTEN_FDS: count, LISTEN_PID: '4711' }, PID),
        (error) => error instanceof MandosError && /LISTEN_FDS/.test(error.message),
      );
    }
  });
});
