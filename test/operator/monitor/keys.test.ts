/** Every key of mandos-monitor(8), and ours. */
import assert from 'node:assert/strict';
import test from 'node:test';
import { MandosError } from '../../../src/core/error.ts';
import type { ClientAct } from '../../../src/operator/monitor/key-commands.ts';
import { actionsOf, after, client, marked, modelWith, press, screen } from './clients.ts';

const TWO = [client('bar'), client('foo')];
const MANY = Array.from({ length: 100 }, (_, at) => client(`client${String(at).padStart(2, '0')}`));

const ACTS: readonly (readonly [string, ClientAct])[] = [
  ['+', 'enable'],
  ['-', 'disable'],
  ['a', 'approve'],
  ['d', 'deny'],
  ['R', 'remove'],
  ['_', 'remove'],
  ['ctrl-k', 'remove'],
  ['s', 'start-checker'],
  ['S', 'stop-checker'],
  ['C', 'check-ok'],
];

test('keys act on the selected client, in the list and in front of its properties', () => {
  const foo = press(modelWith(TWO), 'down');
  for (const model of [foo, press(foo, 'enter')]) {
    for (const [key, act] of ACTS) {
      assert.deepEqual(actionsOf(model, key), [
        { kind: 'act', act, path: '/clients/foo', name: 'foo' },
      ]);
    }
  }
});

test('a client that moves in above does not get the key meant for the one that is marked', () => {
  const model = modelWith([client('foo')]);
  assert.equal(marked(model), 'foo: enabled');
  const joined = after(model, { kind: 'client-added', client: client('bar') });
  assert.equal(marked(joined), 'foo: enabled');
  assert.deepEqual(actionsOf(joined, 'R'), [
    { kind: 'act', act: 'remove', path: '/clients/foo', name: 'foo' },
  ]);
});

test('they do nothing while the log has the focus, or when there is no client', () => {
  for (const [key] of ACTS) {
    assert.deepEqual(actionsOf(press(modelWith(TWO), 'tab'), key), []);
    assert.deepEqual(actionsOf(modelWith([]), key), []);
  }
});

test('q and Q quit, Ctrl-L redraws, Ctrl-C interrupts, Ctrl-Z suspends', () => {
  const model = modelWith(TWO);
  assert.deepEqual(actionsOf(model, 'q'), [{ kind: 'quit' }]);
  assert.deepEqual(actionsOf(model, 'Q'), [{ kind: 'quit' }]);
  for (const place of [model, press(model, '?'), press(model, '/'), press(model, 'tab')]) {
    assert.deepEqual(actionsOf(place, 'ctrl-l'), [{ kind: 'redraw' }]);
    assert.deepEqual(actionsOf(place, 'ctrl-c'), [{ kind: 'interrupt' }]);
    assert.deepEqual(actionsOf(place, 'ctrl-z'), [{ kind: 'suspend' }]);
  }
});

test('every way of moving through the list', () => {
  const model = modelWith(MANY);
  for (const key of ['down', 'ctrl-n', 'j'])
    assert.equal(marked(press(model, key)), 'client01: enabled');
  const third = press(model, 'j', 'j');
  for (const key of ['up', 'ctrl-p', 'k'])
    assert.equal(marked(press(third, key)), 'client01: enabled');
  for (const key of ['page down', 'ctrl-v', ' ', 'f']) {
    assert.equal(marked(press(model, key)), 'client10: enabled');
    for (const back of ['page up', 'meta-v', 'b']) {
      assert.equal(marked(press(model, key, back)), 'client00: enabled');
    }
  }
  for (const key of ['end', 'G']) assert.equal(marked(press(model, key)), 'client99: enabled');
  for (const key of ['home', 'g'])
    assert.equal(marked(press(model, 'G', key)), 'client00: enabled');
  assert.match(screen(press(model, 'G'))[11] ?? '', /client 100 of 100/);
});

test('the next client is selected when the selected one is removed', () => {
  const removed = after(modelWith([...TWO, client('zoo')]), {
    kind: 'client-removed',
    path: '/clients/bar',
  });
  assert.equal(marked(removed), 'foo: enabled');
  const last = after(press(removed, 'G'), { kind: 'client-removed', path: '/clients/zoo' });
  assert.equal(marked(last), 'foo: enabled');
});

test('the selection stays with its client when others come', () => {
  const model = press(modelWith(TWO), 'down');
  const more = after(model, { kind: 'client-added', client: client('aaa') });
  assert.equal(marked(more), 'foo: enabled');
});

test('l and D toggle the log, w and i its wrapping, v what it tells', () => {
  for (const key of ['l', 'D']) {
    const hidden = screen(press(modelWith(MANY), key));
    assert.match(hidden[22] ?? '', /^client22/);
    assert.match(hidden[23] ?? '', /^─/);
    const shown = screen(press(modelWith(TWO), key, key)).join('\n');
    assert.match(shown, /: Log visibility changed to: False\n.*: Log visibility changed to: True/);
  }
  const long = after(modelWith(TWO), { kind: 'failed', what: 'x'.repeat(100), why: 'no' });
  assert.match(screen(long).join('\n'), /: no/);
  for (const key of ['w', 'i']) {
    const clipped = screen(press(long, key)).join('\n');
    assert.doesNotMatch(clipped, /: no/);
    assert.match(clipped, /: Wrap mode: clip/);
    assert.match(screen(press(long, key, key)).join('\n'), /: Wrap mode: any/);
  }
  const verbose = press(modelWith(TWO), 'v');
  const started = { kind: 'checker-started', path: '/clients/foo', command: 'true' } as const;
  assert.match(
    screen(after(verbose, started)).join('\n'),
    /Verbose mode: On\n.*foo started checker/,
  );
  const quiet = after(press(verbose, 'v'), started);
  assert.doesNotMatch(screen(quiet).join('\n'), /started checker/);
});

test('help opens and closes by the same keys, and others', () => {
  const model = modelWith(TWO);
  for (const open of ['?', 'f1']) {
    const help = press(model, open);
    assert.match(screen(help).join('\n'), /Toggle log window line wrap/);
    assert.match(screen(press(help, 'G')).join('\n'), /Force a successful check/);
    assert.deepEqual(actionsOf(help, 'Q'), [{ kind: 'quit' }]);
    assert.deepEqual(actionsOf(help, '+'), []);
    for (const close of ['?', 'f1', 'escape', 'q']) {
      assert.deepEqual(screen(press(help, close)), screen(model));
    }
  }
});

test('the properties of a client, kept up to date, until it is gone', () => {
  for (const open of ['enter', 'p']) {
    const model = press(modelWith(TWO), 'down', open);
    assert.match(screen(model).join('\n'), /^Properties of client foo\nName: +foo\n/);
    const changed = after(model, {
      kind: 'properties-changed',
      path: '/clients/foo',
      changes: { Host: 'foo.example', Timeout: 300_000 },
      secret: false,
    });
    assert.match(screen(changed).join('\n'), /Host: +foo\.example\n(.*\n)*Timeout: +0:05:00/);
    const gone = after(changed, { kind: 'client-removed', path: '/clients/foo' });
    assert.match(screen(gone).join('\n'), /This client is gone/);
    for (const close of ['enter', 'p', 'escape', 'q']) {
      assert.equal(marked(press(model, close)), 'foo: enabled');
    }
  }
});

test('a filter is typed, corrected, kept, and taken off', () => {
  const typed = press(modelWith(MANY), '/', 'T', '4', 'x', 'backspace');
  assert.match(screen(typed)[11] ?? '', /^Filter: T4_/);
  assert.match(screen(typed)[0] ?? '', /^client40/);
  assert.match(screen(press(typed, 'escape'))[0] ?? '', /^client00/);
  const kept = press(typed, 'enter');
  assert.match(screen(kept)[11] ?? '', /^──── filter: T4, client 1 of 10, of 100 in all ─/);
  assert.equal(marked(press(kept, 'G')), 'client49: enabled');
  // What is filtered out by a change goes, what is filtered in comes.
  const renamed = after(kept, { kind: 'client-added', client: client('t4 too') });
  assert.equal(marked(press(renamed, 'G')), 't4 too: enabled');
  const none = press(kept, '/', 'ctrl-u', 'z', 'z', 'enter');
  assert.match(screen(none)[0] ?? '', /No client matches/);
  assert.equal(marked(press(kept, 'G', 'escape')), 'client49: enabled');
  // Keys that do something elsewhere are text here.
  assert.match(screen(press(modelWith(MANY), '/', 'q', '?'))[11] ?? '', /^Filter: q\?_/);
});

test('the state can be filtered for, and changes with it', () => {
  const model = press(modelWith(TWO), '/', ...'disabled', 'enter');
  assert.match(screen(model)[0] ?? '', /No client matches/);
  const changed = after(model, {
    kind: 'properties-changed',
    path: '/clients/foo',
    changes: { Enabled: false },
    secret: false,
  });
  assert.equal(marked(changed), 'foo: DISABLED');
});

test('what could not be done is told', () => {
  const failed = after(modelWith(TWO), {
    kind: 'failed',
    what: 'remove client foo',
    why: 'refused',
  });
  assert.match(screen(failed).join('\n'), /: Cannot remove client foo: refused/);
  const why = new MandosError('unreachable', 'nobody there');
  assert.deepEqual(actionsOf(after(failed, { kind: 'server-lost', why }), '+'), []);
});
