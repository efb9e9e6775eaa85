import assert from 'node:assert/strict';
import test from 'node:test';
import { after, minutes, seconds } from '../../src/core/time.ts';
import { SimulatedClock, settle } from './simulated-clock.ts';

test('alarms ring in the order of their moments, each at its own', async () => {
  const clock = new SimulatedClock();
  const start = clock.now();
  const rung: string[] = [];
  const note = (name: string) => () => rung.push(`${name} at ${clock.now() - start}`);
  clock.at(after(start, seconds(3)), note('late'));
  clock.at(after(start, seconds(1)), note('early'));
  const callOff = clock.at(after(start, seconds(2)), note('called off'));
  callOff();
  await clock.advance(minutes(1));
  assert.deepEqual(rung, ['early at 1000', 'late at 3000']);
  assert.equal(clock.now() - start, 60_000);
});

test('an alarm set by another within the time that passes rings too', async () => {
  const clock = new SimulatedClock();
  let rung = 0;
  const again = async (): Promise<void> => {
    await settle();
    rung += 1;
    clock.at(after(clock.now(), seconds(1)), () => void again());
  };
  clock.at(after(clock.now(), seconds(1)), () => void again());
  await clock.advance(seconds(10));
  assert.equal(rung, 10);
});

test('an alarm for a moment that has passed rings without anybody moving the clock', async () => {
  const clock = new SimulatedClock();
  let rung = false;
  clock.at(clock.now(), () => {
    rung = true;
  });
  assert.equal(rung, false);
  await settle();
  assert.equal(rung, true);
});

test('after a sleep every alarm that was due rings at the time of waking', async () => {
  const clock = new SimulatedClock();
  const start = clock.now();
  const rung: number[] = [];
  for (const count of [1, 2]) {
    clock.at(after(start, seconds(count)), () => rung.push(clock.now() - start));
  }
  await clock.sleep(minutes(1));
  assert.deepEqual(rung, [60_000, 60_000]);
});
