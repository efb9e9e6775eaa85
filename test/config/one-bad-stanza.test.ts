/** F4: one bad stanza is one bad client. The part of the promise that reading the file holds. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { isGone, readClientsConf } from '../../src/config/clients-conf.ts';
import { client, FILE, kinds, OTHER_KEY, parse, problem, stanza } from './clients-conf-text.ts';
import { memoryFiles } from './memory-files.ts';

const BROKEN: Readonly<Record<string, readonly [string, RegExp]>> = {
  'no delimiter': ['host', /^clients\.conf:4: /],
  'no name': ['= x', /^clients\.conf:4: /],
  'option twice': ['host=a\nHost=b', /^clients\.conf:5: .*line 4/],
  'bad percent': ['host = 100%', /^clients\.conf:4: option "host"/],
  'unknown reference in an option that is not used': [
    'foo = %(nope)s',
    /^clients\.conf:4: .*"nope"/,
  ],
  'endless reference': ['host = %(host)s', /^clients\.conf:4: /],
  'reference to the secret': ['checker = echo %(secret)s', /^clients\.conf:4: .*secret/],
  'bad time': ['timeout = soon', /^clients\.conf:4: option "timeout": not a duration/],
  'negative time': ['extended_timeout = -5m', /^clients\.conf:4: /],
  'endless time': ['timeout = P999999999999999W', /^clients\.conf:4: .*too long/],
  'bad truth value': ['enabled = maybe', /^clients\.conf:4: option "enabled"/],
};

for (const [name, [lines, message]] of Object.entries(BROKEN)) {
  test(`one bad stanza is one bad client: ${name}`, () => {
    const conf = parse(`${stanza('bad', [lines])}${stanza('good', [], OTHER_KEY)}`);
    assert.deepEqual(kinds(conf), { bad: 'bad', good: 'client' });
    assert.match(problem(conf, 'bad'), message);
    assert.equal(isGone(conf, 'bad'), false);
  });
}

test('a broken default could have been the strict one, so nobody is served', () => {
  const broken = [
    '[DEFAULT]\napproved_by_default False\n',
    '[DEFAULT]\nenabled = no\nenabled = no\n',
    '[DEFAULT\nenabled = no\n',
    'enabled = no\n',
    '\ufeff[DEFAULT]\nenabled = no\n',
    '[x]\nhost=y\nDEFAULT]\nenabled = no\n',
    '[x]\nhost=y\n[DEFAULT\nenabled = no\n',
    '[x]\nhost=y\n [DEFAULT]\n enabled = no\n',
    '[x]\nhost=y\n[DEFAULT = \nenabled = no\n',
    '[default]\nenabled = no\n',
    '[ DEFAULT ]\nenabled = no\n',
  ];
  for (const text of broken) {
    const conf = parse(`${text}${stanza('foo')}${stanza('bar', [], OTHER_KEY)}`);
    assert.match(problem(conf, 'foo'), /^clients\.conf:\d: /, text);
    assert.equal(kinds(conf).bar, 'bad', text);
    assert.ok(conf.warnings.some((warning) => warning.includes('no client is served')));
  }
});

test('a default value that makes no sense harms those who use it', () => {
  const conf = parse(
    `[DEFAULT]\ntimeout = soon\n${stanza('foo')}${stanza('bar', ['timeout=1h'], OTHER_KEY)}`,
  );
  assert.deepEqual(kinds(conf), { foo: 'bad', bar: 'client' });
  assert.match(problem(conf, 'foo'), /^clients\.conf:2: /);
});

test('a section that is there twice is bad, both times', () => {
  const conf = parse(`${stanza('foo')}${stanza('bar', [], OTHER_KEY)}${stanza('foo', ['host=x'])}`);
  assert.deepEqual(
    conf.sections.map(({ name, kind }) => [name, kind]),
    [
      ['foo', 'bad'],
      ['bar', 'client'],
    ],
  );
});

test('an empty or missing file has no clients and removes none', () => {
  for (const conf of [parse(''), parse('[DEFAULT]\n'), readClientsConf(FILE, memoryFiles())]) {
    assert.deepEqual(conf.sections, []);
    assert.equal(conf.empty, true);
    assert.equal(conf.warnings.length, 1);
    assert.equal(isGone(conf, 'foo'), false);
  }
});

test('a section that was taken out is gone', () => {
  const conf = parse(`${stanza('foo')}# [bar]\n`);
  assert.equal(isGone(conf, 'bar'), true);
  assert.equal(isGone(conf, 'foo'), false);
});

test('a section whose header has a typo is not gone', () => {
  const spoilt = ['[bar', 'bar]', ' [bar]', '[bar = ', '[b\u0000ar\nhost'];
  for (const header of spoilt) {
    const conf = parse(`${stanza('foo', ['host=x'])}${header}\nkey_id=${OTHER_KEY}\n`);
    assert.equal(isGone(conf, 'bar'), false, header);
    assert.ok(conf.warnings.length > 0 || kinds(conf).foo === 'bad', header);
  }
});

test('a line of shell in brackets takes nobody for doubtful but itself', () => {
  const conf = parse(stanza('foo', ['checker = true &&', '  [ -e /x ]']));
  assert.equal(client(conf, 'foo').settings.checker, 'true &&\n[ -e /x ]');
  assert.equal(isGone(conf, 'bar'), true);
});

test('breaking a line of one stanza never makes another client better off', () => {
  const strict = ['approved_by_default=no', 'enabled=no', 'timeout=PT1S'];
  const text = `[DEFAULT]\n${strict.join('\n')}\n${stanza('a')}${stanza('b', [], OTHER_KEY)}`;
  const bytes = new TextEncoder().encode(text);
  const damage = fc.tuple(
    fc.nat(bytes.length - 1),
    fc.constantFrom(0, 10, 0xff, ...new TextEncoder().encode('[]=: #x')),
  );
  fc.assert(
    fc.property(damage, ([position, byte]) => {
      const line = text.slice(0, position).split('\n').length;
      if (line > 1 && line <= 4) return; // another value or option is what it says
      if (position > 0 && position < '[DEFAULT'.length) return; // another name is a client's
      if (text[position] === '\n') return; // what follows a header on its line is ignored
      const damaged = bytes.slice();
      damaged[position] = byte;
      for (const section of parse(damaged).sections) {
        if (section.kind === 'bad') continue;
        const { approvedByDefault, enabled, timeout } = section.settings;
        assert.deepEqual([approvedByDefault, enabled, timeout], [false, false, 1000]);
      }
    }),
    { numRuns: 1000 },
  );
});
