import assert from 'node:assert/strict';
import test from 'node:test';
import { seconds } from '../../../src/core/time.ts';
import { type Frame, plain } from '../../../src/operator/monitor/frame.ts';
import { ScreenPainter } from '../../../src/operator/monitor/screen-painter.ts';
import { SimulatedClock } from '../../support/simulated-clock.ts';

/** A screen that takes each frame only when it is told to. */
class SlowScreen {
  readonly clock = new SimulatedClock();
  readonly written: string[] = [];
  readonly failures: unknown[] = [];
  frames = 0;
  text = 'first';
  #take = Promise.withResolvers<void>();
  readonly painter = new ScreenPainter({
    clock: this.clock,
    frame: () => this.#frame(),
    write: (text) => {
      this.written.push(text);
      return this.#take.promise;
    },
    fail: (error) => this.failures.push(error),
  });

  #frame(): Frame {
    this.frames++;
    return { size: { columns: 80, rows: 1 }, lines: [plain(this.text)] };
  }

  /** Takes what was written, and lets time pass. */
  async take(): Promise<void> {
    this.#take.resolve();
    this.#take = Promise.withResolvers<void>();
    await this.clock.advance(seconds(1));
  }
}

test('while the screen takes one frame, all that happens becomes one more', async () => {
  const screen = new SlowScreen();
  screen.painter.request();
  for (let at = 0; at < 1000; at++) {
    screen.text = `event ${at}`;
    screen.painter.request();
  }
  assert.equal(screen.frames, 1);
  await screen.take();
  assert.equal(screen.frames, 2);
  assert.deepEqual(screen.written, ['\x1b[m\x1b[2J\x1b[1;1Hfirst', '\x1b[1;1Hevent 999']);
});

test('what is as it was is not sent, until the screen may show anything', async () => {
  const screen = new SlowScreen();
  screen.painter.request();
  await screen.take();
  screen.painter.request();
  await screen.take();
  assert.equal(screen.written.length, 1);
  screen.painter.forget();
  await screen.take();
  assert.equal(screen.written[1], screen.written[0]);
  assert.deepEqual(screen.failures, []);
});
