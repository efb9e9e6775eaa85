import assert from 'node:assert/strict';
import test from 'node:test';
import { MandosError } from '../../../src/core/error.ts';
import { seconds } from '../../../src/core/time.ts';
import { watch } from '../../../src/operator/ctl/watch.ts';
import { RecordingLog } from '../../support/recording-log.ts';
import { SimulatedClock, settle } from '../../support/simulated-clock.ts';

const NOWHERE = 'unix:path=/nonexistent/bus';

function start(idle: Promise<void>, failed: Promise<never>, address = NOWHERE) {
  const abort = new AbortController();
  const clock = new SimulatedClock();
  const lines: string[] = [];
  const said: string[] = [];
  const first = Promise.withResolvers<void>();
  const output = {
    write: (line: string) => {
      lines.push(line);
      first.resolve();
    },
    failed,
    idle,
  };
  const ended = watch([], {
    address,
    clock,
    log: new RecordingLog(),
    wallClock: () => new Date(0),
    output,
    say: (message) => said.push(message),
    signal: abort.signal,
  });
  ended.catch(() => undefined);
  return { abort, clock, lines, said, first: first.promise, ended };
}

const never = new Promise<never>(() => undefined);

test('without a bus it says so, waits, and ends when it is interrupted', async () => {
  const { abort, lines, said, first, ended } = start(Promise.resolve(), never);
  await first;
  assert.deepEqual(said, [
    'cannot connect to the message bus at unix:path=/nonexistent/bus: ENOENT; waiting for it',
  ]);
  abort.abort(new Error('interrupted'));
  await ended;
  assert.equal(lines.length, 1);
  assert.equal(JSON.parse(lines[0] ?? '').event, 'server-lost');
});

test('a reader who does not read is not waited for at the end', async () => {
  const { abort, clock, first, ended } = start(never, never);
  await first;
  abort.abort(new Error('interrupted'));
  await settle();
  await clock.advance(seconds(1));
  await assert.rejects(ended, /interrupted/);
});

test('it ends when nothing can be written', async () => {
  const failure = new MandosError('file-unwritable', 'nobody reads');
  const { ended } = start(Promise.resolve(), Promise.reject(failure));
  await assert.rejects(ended, { code: 'file-unwritable' });
});

test('it does not wait at an address that can be no bus’s', async () => {
  const { lines, ended } = start(Promise.resolve(), never, 'tcp:host=localhost');
  await assert.rejects(ended, { code: 'config-value', message: /no usable address/ });
  assert.deepEqual(lines, []);
});
