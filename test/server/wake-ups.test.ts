/** One alarm for everybody: nobody is woken late because of who was there before. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { after, minutes } from '../../src/core/time.ts';
import { WakeUps } from '../../src/server/wake-ups.ts';
import { SimulatedClock } from '../support/simulated-clock.ts';

function sleepers() {
  const clock = new SimulatedClock();
  const woken: string[] = [];
  const wakeUps = new WakeUps<string>(clock, (sleeper) => woken.push(sleeper));
  const set = (name: string, inMinutes: number | null): void =>
    wakeUps.set(name, name, inMinutes === null ? null : after(clock.now(), minutes(inMinutes)));
  return { clock, woken, wakeUps, set };
}

describe('wake-ups', () => {
  it('come in time for one that is due before those that were there', async () => {
    const { clock, woken, set } = sleepers();
    set('late', 10);
    set('early', 1);
    await clock.advance(minutes(1));
    assert.deepEqual(woken, ['early']);
    await clock.advance(minutes(9));
    assert.deepEqual(woken, ['early', 'late']);
  });

  it('follow one that is put off, brought forward, or not to be woken any more', async () => {
    const { clock, woken, set } = sleepers();
    set('a', 1);
    set('b', 10);
    set('c', 2);
    set('a', 5);
    set('b', 3);
    set('c', null);
    await clock.advance(minutes(4));
    assert.deepEqual(woken, ['b']);
    await clock.advance(minutes(1));
    assert.deepEqual(woken, ['b', 'a']);
    assert.equal(clock.pending, 0);
  });

  it('end with the server', async () => {
    const { clock, woken, wakeUps, set } = sleepers();
    set('a', 1);
    wakeUps.close();
    await clock.advance(minutes(2));
    assert.deepEqual(woken, []);
  });
});
