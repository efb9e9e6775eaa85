import assert from 'node:assert/strict';
import test from 'node:test';
import { wallTime } from '../../../src/core/time.ts';
import {
  EMPTY_LOG,
  type LogPane,
  logLines,
  MOST_ENTRIES,
  scrolledLog,
  stamp,
  withEntry,
} from '../../../src/operator/monitor/log-pane.ts';

function logOf(count: number, text = (at: number) => `entry ${at}`): LogPane {
  return Array.from({ length: count }, (_, at) => text(at)).reduce(
    (log, line) => withEntry(log, line, 'utf-8'),
    EMPTY_LOG,
  );
}

const shown = (log: LogPane, rows = 3, columns = 20) =>
  logLines(log, columns, rows).map(({ text }) => text);

test('the newest is at the bottom', () => {
  assert.deepEqual(shown(logOf(2)), ['entry 0', 'entry 1']);
  assert.deepEqual(shown(logOf(5)), ['entry 2', 'entry 3', 'entry 4']);
  assert.deepEqual(shown(EMPTY_LOG), []);
});

test('old entries are forgotten', () => {
  const log = logOf(MOST_ENTRIES + 10);
  assert.equal(log.entries.length, MOST_ENTRIES);
  const top = scrolledLog(log, Number.NEGATIVE_INFINITY, 20, 3);
  assert.deepEqual(shown(top), ['entry 10', 'entry 11', 'entry 12']);
});

test('scrolled up it stays where it is while more is told', () => {
  const up = scrolledLog(logOf(10), -2, 20, 3);
  assert.deepEqual(shown(up), ['entry 5', 'entry 6', 'entry 7']);
  const more = withEntry(up, 'new', 'utf-8');
  assert.deepEqual(shown(more), ['entry 5', 'entry 6', 'entry 7']);
  const down = scrolledLog(more, 3, 20, 3);
  assert.deepEqual(shown(down), ['entry 8', 'entry 9', 'new']);
  assert.deepEqual(shown(withEntry(down, 'newer', 'utf-8')), ['entry 9', 'new', 'newer']);
});

test('it scrolls by lines, not by entries, and stops at both ends', () => {
  const log = logOf(3, (at) => `${at}${'-'.repeat(24)}`);
  assert.deepEqual(shown(log, 2, 10), ['-'.repeat(10), '-'.repeat(5)]);
  assert.deepEqual(shown(scrolledLog(log, -1, 10, 2), 2, 10), ['2---------', '-'.repeat(10)]);
  assert.deepEqual(shown(scrolledLog(log, -2, 10, 2), 2, 10), ['-----', '2---------']);
  for (const far of [-7, -100, Number.NEGATIVE_INFINITY]) {
    assert.deepEqual(shown(scrolledLog(log, far, 10, 2), 2, 10), ['0---------', '-'.repeat(10)]);
  }
  const bottom = scrolledLog(scrolledLog(log, -5, 10, 2), 100, 10, 2);
  assert.equal(bottom.bottom, null);
});

test('a narrower window shows the same entry at its bottom', () => {
  const up = scrolledLog(
    logOf(10, (at) => `entry ${at} is long`),
    -4,
    20,
    3,
  );
  assert.match(shown(up).at(-1) ?? '', /^entry 5/);
  assert.match(shown(up, 3, 7).join(''), /entry 5 is long$/);
});

test('what was scrolled to and is forgotten meanwhile gives way to the oldest there is', () => {
  let log = scrolledLog(logOf(10), -6, 20, 3);
  for (let at = 0; at < MOST_ENTRIES; at++) log = withEntry(log, `later ${at}`, 'utf-8');
  assert.deepEqual(shown(log), ['later 0']);
});

test('moments are shown to the millisecond', () => {
  const time = new Date(2026, 10, 7, 3, 4, 5, 6).getTime();
  assert.equal(stamp(wallTime(time)), '2026-11-07 03:04:05,006');
});
