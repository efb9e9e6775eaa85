/** The screen: as the original's, and never larger than the terminal. */
import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { MandosError } from '../../../src/core/error.ts';
import type { MonitorEvent } from '../../../src/operator/monitor/model.ts';
import { render } from '../../../src/operator/monitor/render.ts';
import { widthOf } from '../../../src/operator/monitor/text-width.ts';
import { startModel } from '../../../src/operator/monitor/update.ts';
import {
  after,
  client,
  KEY_NAMES,
  keyEvent,
  marked,
  modelWith,
  NOW,
  press,
  SIZE,
  screen,
} from './clients.ts';

const THREE = [
  client('sleeper', { Enabled: false }),
  client('bar'),
  client('fading', { LastCheckerStatus: 3 }),
];

test('clients by name above a line, the log below it', () => {
  const model = modelWith(THREE);
  const lines = screen(model);
  assert.equal(lines.length, 14);
  assert.deepEqual(lines.map((line) => line.trimEnd()).slice(0, 4), [
    'bar: enabled',
    'fading: A checker has failed! Time until client gets disabled: 1:00:00',
    'sleeper: DISABLED',
    '',
  ]);
  assert.equal(lines[11], '─'.repeat(80));
  assert.match(lines[12] ?? '', /^Mandos Monitor version/);
  assert.equal(lines[13], 'q: Quit  ?: Help');
  assert.equal(marked(model), 'bar: enabled');
  assert.equal(widthOf(lines[0] ?? ''), 80);
});

test('without UTF-8 the screen is ASCII', () => {
  const model = after(startModel(SIZE, 'ascii', NOW), {
    kind: 'server-found',
    clients: [client('日本')],
  });
  const text = screen(model).join('\n');
  assert.match(text, /^[\x20-\x7e\n]*$/);
  assert.match(text, /^\\u65e5\\u672c: enabled/);
  assert.ok(text.includes('-'.repeat(80)));
});

test('it says when there is no server, and forgets what it no longer knows', () => {
  const why = new MandosError('network', 'the message bus is gone', { hint: 'start it' });
  const lost = after(modelWith(THREE), { kind: 'server-lost', why });
  const lines = screen(lost);
  assert.deepEqual(lines.slice(0, 3), [
    'No server: the message bus is gone.',
    'start it',
    'Waiting for it.',
  ]);
  assert.match(lines[11] ?? '', /^──── no server ───/);
  assert.match(lines.join('\n'), /: No Mandos server: the message bus is gone/);
  const back = screen(after(lost, { kind: 'server-found', clients: THREE }));
  assert.match(back[0] ?? '', /^bar: enabled/);
  assert.match(back.join('\n'), /: The Mandos server is back/);
});

test('a server without clients, and one not found yet, are told apart', () => {
  assert.match(screen(modelWith([]))[0] ?? '', /has no clients/);
  assert.match(screen(startModel(SIZE, 'utf-8', NOW))[0] ?? '', /Looking for/);
});

test('long rows are wrapped between words', () => {
  const name = 'a-very-long-client-name-'.repeat(4);
  const lines = screen(
    modelWith([client(name, { LastCheckerStatus: 1 })], { columns: 60, rows: 24 }),
  );
  assert.deepEqual(
    lines.slice(0, 3).map((line) => line.trimEnd()),
    [
      name.slice(0, 60),
      `${name.slice(60)}: A checker has failed!`,
      'Time until client gets disabled: 1:00:00',
    ],
  );
});

const text = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 300 }),
  fc.string({ unit: 'grapheme', maxLength: 300 }),
);
const view = fc
  .record({
    name: text,
    Enabled: fc.boolean(),
    ApprovalPending: fc.boolean(),
    LastCheckerStatus: fc.integer({ min: -2, max: 2 }),
    Expires: text,
    Checker: text,
    Host: text,
  })
  .map(({ name, ...rest }) => client(name.toWellFormed(), rest));
const size = fc.record({
  columns: fc.integer({ min: 1, max: 90 }),
  rows: fc.integer({ min: 1, max: 30 }),
});
const key = fc.oneof(fc.constantFrom(...KEY_NAMES), fc.string({ minLength: 1, maxLength: 1 }));
const event: fc.Arbitrary<MonitorEvent> = fc.oneof(
  { weight: 6, arbitrary: key.map(keyEvent) },
  size.map((of): MonitorEvent => ({ kind: 'resized', size: of })),
  view.map((of): MonitorEvent => ({ kind: 'client-added', client: of })),
  view.map((of): MonitorEvent => ({ kind: 'client-removed', path: of.path })),
  text.map(
    (command): MonitorEvent => ({
      kind: 'checker-completed',
      path: '/clients/x',
      exitStatus: 1,
      waitStatus: 256,
      command,
    }),
  ),
  text.map((why): MonitorEvent => ({ kind: 'server-lost', why: new MandosError('network', why) })),
  fc
    .array(view, { maxLength: 40 })
    .map((clients): MonitorEvent => ({ kind: 'server-found', clients })),
);

test('whatever happens, the screen fits the terminal and holds nothing but text', () => {
  fc.assert(
    fc.property(
      fc.array(view, { maxLength: 60 }),
      size,
      fc.array(event, { maxLength: 25 }),
      (clients, first, events) => {
        let model = modelWith(clients, first);
        for (const one of events) {
          model = after(model, one);
          const { lines, size: shown } = render(model, NOW);
          assert.deepEqual(shown, model.size);
          assert.ok(lines.length <= shown.rows, `${lines.length} rows of ${shown.rows}`);
          for (const line of lines) {
            assert.ok(widthOf(line.text) <= shown.columns, JSON.stringify(line));
            assert.doesNotMatch(line.text, /[\p{Cc}\p{Cf}\p{Cs}]/u);
          }
        }
      },
    ),
  );
});

test('the selected client is always seen, in whatever window', () => {
  const moves = fc.constantFrom(
    'up',
    'down',
    'page up',
    'page down',
    'home',
    'end',
    'g',
    'G',
    'j',
    'k',
  );
  fc.assert(
    fc.property(
      fc.array(view, { minLength: 1, maxLength: 60 }),
      size,
      fc.array(fc.oneof(moves, size)),
      (clients, first, steps) => {
        let model = modelWith(clients, first);
        for (const step of steps) {
          model =
            typeof step === 'string'
              ? press(model, step)
              : after(model, { kind: 'resized', size: step });
          assert.ok(render(model, NOW).lines.some(({ style }) => style === 'reverse'));
        }
      },
    ),
  );
});
