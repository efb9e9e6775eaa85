import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { CheckId } from '../../src/core/client.ts';
import type { CheckerEvent } from '../../src/core/client-event.ts';
import { MandosError } from '../../src/core/error.ts';
import { instant, milliseconds, minutes, seconds } from '../../src/core/time.ts';
import { checkerEnvironment } from '../../src/server/checker-process.ts';
import { Checkers, type CheckersOptions, type RunningCommand } from '../../src/server/checkers.ts';
import type { ChildEnd } from '../../src/system/process-group.ts';
import { RecordingLog } from '../support/recording-log.ts';
import { SimulatedClock, settle } from '../support/simulated-clock.ts';

const CHECK = 7 as CheckId;
const SUCCESS: ChildEnd = { kind: 'exited', status: 0 };
const KILLED: ChildEnd = { kind: 'signalled', signal: 15 };

/** Commands that run until the test ends them, and that end when they are stopped. */
class Bench {
  readonly clock = new SimulatedClock();
  readonly log = new RecordingLog();
  /** Clients in the order in which their commands were started. */
  readonly started: string[] = [];
  readonly stopped: string[] = [];
  /** Clients whose check has completed, each with its wait status. */
  readonly results: [string, number][] = [];
  readonly events: [string, CheckerEvent][] = [];
  readonly running = new Map<string, (end: ChildEnd) => void>();
  readonly checkers: Checkers;
  mostAtOnce = 0;
  /** Clients whose commands the system refuses to start. */
  readonly unstartable = new Set<string>();
  /** Whether a stopped command ends at once. */
  endsWhenStopped = true;

  constructor(limits: Pick<CheckersOptions, 'starting' | 'running'> = {}) {
    this.checkers = new Checkers({
      clock: this.clock,
      log: this.log,
      run: (_command, client) => this.#run(client),
      tell: (client, event) => {
        this.events.push([client, event]);
        if (event.kind === 'checker-completed') this.results.push([client, event.waitStatus]);
      },
      ...limits,
    });
  }

  due(client: string, expires = 0): void {
    this.checkers.start({
      client,
      check: CHECK,
      expires: instant(expires),
      expand: () => ({ kind: 'command', command: `check ${client}` }),
    });
  }

  async end(client: string, end: ChildEnd = SUCCESS): Promise<void> {
    this.running.get(client)?.(end);
    await settle();
  }

  #run(client: string): RunningCommand {
    if (this.unstartable.has(client)) throw new MandosError('program', 'no more processes');
    assert.ok(!this.running.has(client), `two checkers for ${client}`);
    const { promise, resolve } = Promise.withResolvers<ChildEnd>();
    const finish = (end: ChildEnd): void => {
      this.running.delete(client);
      resolve(end);
    };
    this.started.push(client);
    this.running.set(client, finish);
    this.mostAtOnce = Math.max(this.mostAtOnce, this.running.size);
    const stop = (): void => {
      this.stopped.push(client);
      if (this.endsWhenStopped) finish(KILLED);
    };
    return { ended: promise, stop };
  }
}

describe('checkers', () => {
  it('run when they are due and report their end', async () => {
    const bench = new Bench();
    bench.due('a');
    await settle();
    assert.deepEqual(bench.started, ['a']);
    assert.deepEqual(bench.results, []);
    await bench.end('a');
    assert.deepEqual(bench.results, [['a', 0]]);
    assert.deepEqual(bench.events, [
      ['a', { kind: 'checker-started', check: CHECK, command: 'check a' }],
      ['a', { kind: 'checker-completed', check: CHECK, waitStatus: 0 }],
    ]);
    assert.equal(bench.clock.pending, 0);
    bench.due('a');
    await settle();
    await bench.end('a', { kind: 'exited', status: 3 });
    assert.deepEqual(bench.results.at(-1), ['a', 3 << 8]);
  });

  it('that cannot be started say so, and the next has its turn', async () => {
    const bench = new Bench({ running: 1 });
    bench.checkers.start({
      client: 'a',
      check: CHECK,
      expires: instant(0),
      expand: () => ({ kind: 'problem', problem: 'bad format: x' }),
    });
    bench.unstartable.add('b');
    bench.due('b');
    bench.due('c');
    await settle();
    assert.deepEqual(bench.events.slice(0, 2), [
      ['a', { kind: 'checker-not-started', check: CHECK }],
      ['b', { kind: 'checker-not-started', check: CHECK }],
    ]);
    assert.deepEqual(bench.log.at('error'), [
      'checker for a could not be started: bad format: x',
      'checker for b could not be started: no more processes',
    ]);
    assert.deepEqual(bench.started, ['c']);
  });

  it('are never two for one client: the one that runs is left running', async () => {
    const bench = new Bench();
    bench.due('a');
    await settle();
    bench.due('a');
    await settle();
    assert.deepEqual(bench.started, ['a']);
    await bench.end('a');
    assert.deepEqual(bench.started, ['a']);
    bench.due('a');
    await settle();
    assert.deepEqual(bench.started, ['a', 'a']);
  });

  it('start with the client that expires first', async () => {
    const bench = new Bench();
    for (const [client, expires] of [
      ['c', 30],
      ['a', 10],
      ['b', 20],
      ['d', 40],
    ] as const) {
      bench.due(client, expires);
    }
    bench.due('d', 5);
    await settle();
    assert.deepEqual(bench.started, ['d', 'a', 'b', 'c']);
  });

  it('start no more at once than may be just beginning', async () => {
    const bench = new Bench({ starting: 3 });
    for (let i = 0; i < 9; i++) bench.due(`c${i}`, i);
    await settle();
    assert.equal(bench.started.length, 3);
    await bench.end('c1');
    assert.deepEqual(bench.started, ['c0', 'c1', 'c2', 'c3']);
    await bench.clock.advance(milliseconds(250));
    await settle();
    assert.equal(bench.started.length, 7);
  });

  it('that fail slowly do not keep the others waiting', async () => {
    const bench = new Bench({ starting: 10 });
    for (let i = 0; i < 200; i++) bench.due(`down${i}`);
    await bench.clock.advance(seconds(20));
    assert.equal(bench.running.size, 200);
    bench.due('up');
    await settle();
    assert.ok(bench.running.has('up'));
  });

  it('that never end give way, oldest first, when no more may run', async () => {
    const bench = new Bench({ running: 3 });
    for (const client of ['a', 'b', 'c', 'd', 'e']) bench.due(client);
    await bench.clock.advance(seconds(14));
    assert.deepEqual(bench.started, ['a', 'b', 'c']);
    await bench.clock.advance(seconds(1));
    await settle();
    assert.deepEqual(bench.stopped, ['a', 'b']);
    assert.deepEqual(bench.results, [
      ['a', 15],
      ['b', 15],
    ]);
    assert.deepEqual(bench.started, ['a', 'b', 'c', 'd', 'e']);
    assert.equal(bench.mostAtOnce, 3);
    assert.match(bench.log.at('warning').join('\n'), /checker for a gives way/);
    await bench.clock.advance(minutes(60));
    assert.deepEqual([...bench.running.keys()], ['c', 'd', 'e']);
  });

  it('that give way do so once each, however slowly they end', async () => {
    const bench = new Bench({ running: 2 });
    bench.endsWhenStopped = false;
    for (const client of ['a', 'b', 'c']) bench.due(client);
    await bench.clock.advance(seconds(16));
    bench.due('d');
    await settle();
    assert.deepEqual(bench.stopped, ['a', 'b']);
    bench.checkers.stop('a');
    await bench.end('a', KILLED);
    await bench.end('b', KILLED);
    assert.deepEqual(bench.results, [['b', 15]]);
    assert.deepEqual(bench.started, ['a', 'b', 'c', 'd']);
  });

  it('that are stopped report nothing', async () => {
    const bench = new Bench({ starting: 1 });
    bench.due('runs');
    bench.due('waits', 1);
    await settle();
    bench.checkers.stop('waits');
    bench.checkers.stop('runs');
    bench.checkers.stop('unknown');
    await settle();
    assert.deepEqual(bench.started, ['runs']);
    assert.deepEqual(bench.stopped, ['runs']);
    assert.deepEqual(bench.results, []);
    assert.equal(bench.clock.pending, 0);
  });

  it('start anew only when the stopped one has ended', async () => {
    const bench = new Bench();
    bench.endsWhenStopped = false;
    bench.due('a');
    await settle();
    bench.checkers.stop('a');
    bench.due('a');
    await settle();
    assert.deepEqual(bench.started, ['a']);
    await bench.end('a', KILLED);
    assert.deepEqual(bench.started, ['a', 'a']);
    assert.deepEqual(bench.results, []);
    bench.checkers.stop('a');
    bench.due('a');
    bench.checkers.stop('a');
    await bench.end('a', KILLED);
    assert.deepEqual(bench.started, ['a', 'a']);
  });

  it('are all stopped on closing, which ends when they have ended', async () => {
    const bench = new Bench({ starting: 2 });
    bench.endsWhenStopped = false;
    for (const client of ['a', 'b', 'c']) bench.due(client);
    await settle();
    let closed = false;
    const closing = bench.checkers.close().then(() => {
      closed = true;
    });
    bench.due('d');
    await bench.end('a', KILLED);
    assert.equal(closed, false);
    await bench.end('b', KILLED);
    await closing;
    assert.deepEqual(bench.started, ['a', 'b']);
    assert.deepEqual(bench.results, []);
    assert.equal(bench.clock.pending, 0);
    await bench.checkers.close();
  });
});

describe('L5: the environment of a checker', () => {
  it('tells it where programs are and which language to speak, and nothing else', () => {
    const environment = checkerEnvironment({
      PATH: '/bin',
      LANG: 'sv_SE.UTF-8',
      LC_ALL: 'C',
      TZ: 'UTC',
      HOME: '/nonexistent',
      NOTIFY_SOCKET: '/run/systemd/notify',
      LISTEN_FDS: '1',
      DBUS_SYSTEM_BUS_ADDRESS: 'unix:path=/x',
      LD_PRELOAD: 'evil.so',
      NODE_OPTIONS: '--inspect',
      LC_evil: 'x',
      XPATH: 'x',
    });
    assert.deepEqual(environment, {
      PATH: '/bin',
      LANG: 'sv_SE.UTF-8',
      LC_ALL: 'C',
      TZ: 'UTC',
      HOME: '/nonexistent',
    });
    assert.match(checkerEnvironment({}).PATH ?? '', /^\/usr\/local\/sbin:.*:\/bin$/);
  });
});
