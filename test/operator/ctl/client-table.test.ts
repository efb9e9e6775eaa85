import assert from 'node:assert/strict';
import test from 'node:test';
import { ALL_COLUMNS, MAIN_COLUMNS } from '../../../src/operator/ctl/client-columns.ts';
import { clientsJson } from '../../../src/operator/ctl/client-json.ts';
import { clientTable } from '../../../src/operator/ctl/client-table.ts';
import { clientView } from '../../../src/operator/server/client-view.ts';

const foo = { ...clientView('/clients/foo', []), Name: 'foo', Enabled: true, Timeout: 90_061_999 };

test('a server without clients has an empty table and an empty object', () => {
  assert.equal(clientTable([], MAIN_COLUMNS), 'Name Enabled Timeout Last Successful Check\n');
  assert.equal(clientsJson([]), '{}\n');
});

test('a cell is as wide as the widest in its column, counted in characters', () => {
  assert.equal(
    clientTable([foo, { ...foo, Name: '\u{1F600}日本語', Enabled: false }], MAIN_COLUMNS),
    'Name Enabled Timeout    Last Successful Check\n' +
      'foo  Yes     1T01:01:01                      \n' +
      '\u{1F600}日本語 No      1T01:01:01                      \n',
  );
});

test('text from outside cannot break the table or control the terminal (L2)', () => {
  const hostile = { ...foo, Host: 'a\nb\x1b[2J\x9b\u202e\\n', Checker: 'a\tb' };
  const table = clientTable([hostile], ALL_COLUMNS);
  assert.equal(table.split('\n').length, 3);
  assert.match(table, /a\\nb\\x1b\[2J\\x9b\\u202e\\n a? */);
  assert.doesNotMatch(table, /[^\n -~]/);
});

test('JSON is plain ASCII and reads back as it was', () => {
  const hostile = { ...foo, Name: '\x7f"\\é\u{1F600}\u2028', Checker: '\0\x1b\b' };
  const json = clientsJson([hostile]);
  assert.doesNotMatch(json, /[^\n -~]/);
  const [[name, properties] = []] = Object.entries<Record<string, unknown>>(JSON.parse(json));
  assert.equal(name, hostile.Name);
  assert.equal(properties?.Checker, hostile.Checker);
});

test('clients with numbers for names keep their places', () => {
  const json = clientsJson([
    { ...foo, Name: 'b' },
    { ...foo, Name: '10' },
    { ...foo, Name: '9' },
  ]);
  assert.deepEqual(json.match(/(?<="Name": )"\w+"/g), ['"b"', '"10"', '"9"']);
});
