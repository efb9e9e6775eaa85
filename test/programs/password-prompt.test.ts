/** The real program on a pseudo-terminal. */
import assert from 'node:assert/strict';
import test from 'node:test';
import { needsBootStage, onBootStage } from '../support/boot-stage.ts';
import { onATerminal, type Step } from '../support/on-a-terminal.ts';
import { run } from '../support/process.ts';
import { inRepository } from '../support/repository.ts';
import { requires } from '../support/requirements.ts';

const PROGRAM = inRepository('bin/password-prompt');
const needs = requires('pseudo-terminal');
const ASKED: readonly Step[] = [
  { expect: 'Enter passphrase to unlock the disk: ' },
  { echo: false },
];

for (const [typed, output] of [
  ['foo\r', 'foo'],
  ['a b\u0001\u00ff\u00c3\u00a5\r', 'a b\u0001\u00ff\u00c3\u00a5'],
  ['a\0b\r', 'a\0b'],
  ['abc\u007f\u007fx\u0015q\r', 'q'],
  ['\r', ''],
  ['\u0004\u0004foo\r', 'foo'],
  [`${'x'.repeat(5000)}\r`, 'x'.repeat(5000)],
] as const) {
  test(
    `typing ${JSON.stringify(typed.slice(0, 20))} writes it and shows nothing`,
    needs,
    async () => {
      const outcome = await onATerminal([PROGRAM], [...ASKED, { type: typed }]);
      assert.deepEqual([outcome.output, outcome.code, outcome.echo], [output, 0, true]);
      assert.doesNotMatch(outcome.shown, /foo|xx|q/);
    },
  );
}

for (const [name, number] of [
  ['SIGHUP', 1],
  ['SIGINT', 2],
  ['SIGQUIT', 3],
  ['SIGTERM', 15],
] as const) {
  test(
    `${name} ends it by that signal, with the echo back and nothing written`,
    needs,
    async () => {
      const steps: Step[] = [...ASKED, { type: 'half' }, { signal: number }];
      const { output, code, signal, echo } = await onATerminal([PROGRAM], steps);
      assert.deepEqual([output, code, signal, echo], ['', null, name, true]);
    },
  );
}

test('Ctrl-C ends it, with the echo back', needs, async () => {
  const { output, signal, echo } = await onATerminal([PROGRAM], [...ASKED, { type: 'a\u0003' }]);
  assert.deepEqual([output, signal, echo], ['', 'SIGINT', true]);
});

test('Ctrl-C means nothing without a controlling terminal', needs, async () => {
  // As in an initramfs: standard input is a terminal, and controls nobody.
  const command = ['/usr/bin/setsid', '--wait', PROGRAM];
  const steps: Step[] = [...ASKED, { type: 'a\u0003' }, ...ASKED, { type: 'foo\r' }];
  const { output, code, echo } = await onATerminal(command, steps);
  assert.deepEqual([output, code, echo], ['foo', 0, true]);
});

test('a terminal that goes away ends it', needs, async () => {
  const { code, signal, output } = await onATerminal([PROGRAM], [...ASKED, { hangup: true }]);
  // The signal and the end of the input come at the same time.
  assert.equal(output, '');
  assert.ok(signal === 'SIGHUP' || code === 69);
});

test('without a terminal it ends with 69', async () => {
  const { code, stdout, stderr } = await run(PROGRAM, [], { input: 'foo\n' });
  assert.deepEqual([code, stdout.length], [69, 0]);
  assert.match(stderr, /standard input is no terminal/);
});

// In a PID namespace: other tests ask by password-prompt at the same time.
const PLYMOUTH =
  'cp /bin/sleep /usr/sbin/plymouthd && plymouthd 30 & until pidof plymouthd; do :; done >/dev/null';

test('it leaves the terminal to Plymouth', needsBootStage(), async () => {
  const { code, stderr } = await onBootStage(`${PLYMOUTH}; "$PROGRAMS/password-prompt"`);
  assert.match(stderr, /plymouth is running/);
  assert.equal(code, 1);
});

test('a Plymouth in a container is not in its way', needsBootStage(), async () => {
  const inContainer = `unshare --pid --fork --kill-child /bin/sh -c 'plymouthd 30; :' &`;
  const { code, stderr } = await onBootStage(
    `cp /bin/sleep /usr/sbin/plymouthd; ${inContainer}
    until pidof plymouthd; do :; done >/dev/null; "$PROGRAMS/password-prompt" </dev/null`,
  );
  assert.match(stderr, /standard input is no terminal/);
  assert.equal(code, 69);
});

test('a reader that has gone is an error, with the echo back', needs, async () => {
  const command = ['/bin/sh', '-c', `"${PROGRAM}" >/dev/full`];
  const { code, echo } = await onATerminal(command, [...ASKED, { type: 'foo\r' }]);
  assert.deepEqual([code, echo], [74, true]);
});
