import assert from 'node:assert/strict';
import test from 'node:test';
import { MandosError } from '../../../src/core/error.ts';
import { WatchLines } from '../../../src/operator/ctl/watch-line.ts';
import { clientView } from '../../../src/operator/server/client-view.ts';
import type { ServerEvent } from '../../../src/operator/server/server-event.ts';

const TIME = new Date(Date.UTC(2026, 10, 23, 4, 8, 12, 238));
const foo = { ...clientView('/clients/foo', []), Name: 'foo', Host: '\x1b[2J\u202e' };
const bar = { ...clientView('/clients/bar', []), Name: 'bar' };

function told(lines: WatchLines, event: ServerEvent): unknown {
  const line = lines.line(event, TIME);
  if (line === null) return null;
  assert.match(line, /^[ -~]+\n$/, 'a line of plain ASCII');
  const { time, ...rest } = JSON.parse(line);
  assert.equal(time, '2026-11-23T04:08:12.238Z');
  return rest;
}

test('every event has its line, with the name of its client', () => {
  const lines = new WatchLines([]);
  const path = foo.path;
  const expected: readonly (readonly [ServerEvent, object])[] = [
    [
      { kind: 'server-lost', why: new MandosError('unreachable', 'there is none') },
      { event: 'server-lost', reason: 'there is none' },
    ],
    [
      { kind: 'server-found', clients: [foo] },
      { event: 'server-found', clients: 1 },
    ],
    [
      { kind: 'properties-changed', path, changes: { Enabled: false }, secret: false },
      {
        event: 'properties-changed',
        client: 'foo',
        properties: { Enabled: false },
        secret_changed: false,
      },
    ],
    [
      { kind: 'checker-started', path, command: 'true\n' },
      { event: 'checker-started', client: 'foo', command: 'true\n' },
    ],
    [
      { kind: 'checker-completed', path, exitStatus: -1, waitStatus: 9, command: 'é' },
      {
        event: 'checker-completed',
        client: 'foo',
        exit_status: -1,
        wait_status: 9,
        command: 'é',
      },
    ],
    [
      { kind: 'need-approval', path, timeout: 5000, approvedByDefault: true },
      { event: 'need-approval', client: 'foo', timeout: 5000, approved_by_default: true },
    ],
    [
      { kind: 'got-secret', path },
      { event: 'got-secret', client: 'foo' },
    ],
    [
      { kind: 'rejected', path, reason: 'Denied' },
      { event: 'rejected', client: 'foo', reason: 'Denied' },
    ],
    [
      { kind: 'client-not-found', keyId: 'AB', address: '::1' },
      { event: 'client-not-found', key_id: 'AB', address: '::1' },
    ],
    [
      { kind: 'client-removed', path },
      { event: 'client-removed', client: 'foo' },
    ],
    // Nobody told of it before.
    [
      { kind: 'got-secret', path },
      { event: 'got-secret', client: '/clients/foo' },
    ],
  ];
  for (const [event, line] of expected) assert.deepEqual(told(lines, event), line);
});

test('a client that is added is shown as in --dump-json', () => {
  const shown = told(new WatchLines([]), { kind: 'client-added', client: foo });
  const { properties, ...rest } = shown as { properties: Record<string, unknown> };
  assert.deepEqual(rest, { event: 'client-added', client: 'foo' });
  assert.equal(Object.keys(properties).length, 20);
  assert.equal(properties.Host, foo.Host);
  assert.equal('path' in properties, false);
});

test('named clients alone are told of, and the server always', () => {
  const lines = new WatchLines(['bar']);
  assert.notEqual(told(lines, { kind: 'server-found', clients: [foo] }), null);
  assert.equal(told(lines, { kind: 'got-secret', path: foo.path }), null);
  assert.equal(told(lines, { kind: 'client-not-found', keyId: 'AB', address: '::1' }), null);
  assert.notEqual(told(lines, { kind: 'client-added', client: bar }), null);
  assert.notEqual(told(lines, { kind: 'got-secret', path: bar.path }), null);
  assert.notEqual(told(lines, { kind: 'client-removed', path: bar.path }), null);
});
