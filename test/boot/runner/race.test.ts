import assert from 'node:assert/strict';
import test from 'node:test';
import { GRACE, LAST_WAIT, race } from '../../../src/boot/runner/race.ts';
import type { Racer, RacerEnd } from '../../../src/boot/runner/racer.ts';
import { CancellationSource } from '../../../src/core/cancellation.ts';
import { MandosError } from '../../../src/core/error.ts';
import { silentLog } from '../../../src/core/log.ts';
import { Password } from '../../../src/core/secret.ts';
import { seconds } from '../../../src/core/time.ts';
import { SimulatedClock, settle } from '../../support/simulated-clock.ts';

const FAILED: RacerEnd = { kind: 'failed', status: 1, why: 'failed' };
const GAVE_WAY: RacerEnd = { kind: 'gave way', why: 'left the console' };
const BUSY: RacerEnd = { kind: 'failed', status: 75, why: 'was busy' };

function password(text: string): RacerEnd {
  return { kind: 'password', password: new Password(new TextEncoder().encode(text)) };
}

/** A racer whose runs end when the test says so; like a good plugin, it ends when stopped. */
class Runner implements Racer {
  readonly name: string;
  readonly asked: string[] = [];
  starts = 0;
  deaf = false;
  #end: (end: RacerEnd) => void = () => undefined;

  constructor(name: string) {
    this.name = name;
  }

  start() {
    this.starts++;
    const { promise, resolve } = Promise.withResolvers<RacerEnd>();
    this.#end = resolve;
    const stop = (): void => {
      this.asked.push('stop');
      if (!this.deaf) resolve(FAILED);
    };
    return { ended: promise, stop, kill: () => void this.asked.push('kill') };
  }

  async end(end: RacerEnd): Promise<void> {
    this.#end(end);
    await settle();
  }
}

function world(...names: string[]) {
  const clock = new SimulatedClock();
  const cancel = new CancellationSource();
  const fallback = new Runner('fallback');
  const racers = names.map((name) => new Runner(name));
  const running = race(racers, { clock, log: silentLog, cancel, fallback });
  running.catch(() => undefined);
  const [a = fallback, b = fallback, c = fallback] = racers;
  return { clock, cancel, fallback, running, a, b, c };
}

test('the first password wins, and the others are asked to end', async () => {
  const { running, a, b, fallback, clock } = world('a', 'b');
  await b.end(password('secret'));
  const victory = await running;
  assert.equal(victory?.winner, 'b');
  assert.equal(Buffer.from(victory.password.bytes).toString(), 'secret');
  await victory.othersEnded;
  assert.deepEqual([a.asked, b.asked, fallback.starts, clock.pending], [['stop'], [], 0, 0]);
});

test('an empty password is one: a plugin may end the wait of all others by it', async () => {
  const { running, a } = world('a', 'b');
  await a.end(password(''));
  assert.equal((await running)?.password.bytes.length, 0);
});

test('a failure ends nothing while others run', async () => {
  const { a, b, running, fallback } = world('a', 'b');
  await a.end(FAILED);
  assert.deepEqual([b.asked, fallback.starts], [[], 0]);
  await b.end(password('x'));
  assert.equal((await running)?.winner, 'b');
});

test('when all have failed a person is asked, once', async () => {
  const { running, a, b, fallback } = world('a', 'b');
  await a.end(FAILED);
  await b.end(FAILED);
  assert.equal(fallback.starts, 1);
  await fallback.end(FAILED);
  assert.equal(await running, null);
});

test('C2: who gave way is called back when another has failed', async () => {
  const { running, a, b, c, fallback } = world('a', 'b', 'c');
  await a.end(GAVE_WAY);
  assert.equal(a.starts, 1);
  await b.end(FAILED);
  assert.deepEqual([a.starts, fallback.starts], [2, 0]);
  await a.end(password('typed'));
  const victory = await running;
  assert.equal(victory?.winner, 'a');
  assert.deepEqual(c.asked, ['stop']);
});

test('C2: when all others have failed, one that gives way again keeps nobody from the end', async () => {
  const { running, a, b, fallback } = world('a', 'b');
  await a.end(GAVE_WAY);
  await b.end(FAILED);
  assert.deepEqual([a.starts, fallback.starts], [2, 0]);
  await a.end(GAVE_WAY);
  assert.deepEqual([a.starts, fallback.starts], [2, 1]);
  // Two prompts on one terminal would be in each other's way.
  await fallback.end(FAILED);
  assert.equal(a.starts, 2);
  assert.equal(await running, null);
});

test('without any plugin a person is asked at once', async () => {
  const { running, fallback } = world();
  await fallback.end(password('typed'));
  assert.equal((await running)?.winner, 'fallback');
});

test('a plugin that cannot be started is one that has failed', async () => {
  const fallback = new Runner('fallback');
  const broken: Racer = {
    name: 'broken',
    start: () => {
      throw new MandosError('program', 'cannot be started');
    },
  };
  const context = { clock: new SimulatedClock(), log: silentLog, cancel: new CancellationSource() };
  const running = race([broken], { ...context, fallback });
  assert.equal(fallback.starts, 1);
  await fallback.end(FAILED);
  assert.equal(await running, null);
});

test('EX_TEMPFAIL starts a plugin again, each time a little later', async () => {
  const { a, clock } = world('a', 'b');
  for (const [times, pause] of [1, 2, 4, 8, 10, 10].entries()) {
    await a.end(BUSY);
    await clock.advance(seconds(pause - 0.001));
    assert.equal(a.starts, times + 1);
    await clock.advance(seconds(0.001));
    assert.equal(a.starts, times + 2);
  }
});

test('a plugin that fails for now again and again does not keep a person waiting', async () => {
  const { a, clock, fallback, running } = world('a');
  for (const pause of [1, 2]) {
    await a.end(BUSY);
    await clock.advance(seconds(pause));
  }
  assert.equal(fallback.starts, 0);
  await a.end(BUSY);
  assert.equal(fallback.starts, 1);
  await clock.advance(seconds(4));
  await a.end(password('from the plugin after all'));
  assert.equal((await running)?.winner, 'a');
  assert.deepEqual(fallback.asked, ['stop']);
});

test('who waits to be started again is not started after the race', async () => {
  const { a, b, clock, running } = world('a', 'b');
  await a.end(BUSY);
  await b.end(password('x'));
  await (await running)?.othersEnded;
  await clock.advance(seconds(60));
  assert.deepEqual([a.starts, clock.pending], [1, 0]);
});

test('who does not end when asked is killed, and not waited for without end', async () => {
  const { a, b, clock, running } = world('a', 'b');
  a.deaf = true;
  await b.end(password('x'));
  let ended = false;
  const victory = await running;
  void victory?.othersEnded.then(() => {
    ended = true;
  });
  await clock.advance(GRACE);
  assert.deepEqual([a.asked, ended], [['stop', 'kill'], false]);
  await clock.advance(LAST_WAIT);
  assert.equal(ended, true);
});

test('a second password is wiped', async () => {
  const { a, b, running } = world('a', 'b');
  a.deaf = true;
  await b.end(password('first'));
  await running;
  const late = new Password(new TextEncoder().encode('late'));
  const { bytes } = late;
  await a.end({ kind: 'password', password: late });
  assert.deepEqual([...bytes], [0, 0, 0, 0]);
});

test('calling the race off stops everybody before it rejects', async () => {
  const { a, b, cancel, clock, running } = world('a', 'b');
  a.deaf = true;
  let over = false;
  running.catch(() => {
    over = true;
  });
  const reason = new Error('SIGTERM');
  cancel.abort(reason);
  await settle();
  assert.deepEqual([a.asked, b.asked, over], [['stop'], ['stop'], false]);
  await a.end(FAILED);
  await assert.rejects(running, reason);
  assert.equal(clock.pending, 0);
});
