import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  type ClientSection,
  type ClientsConf,
  isGone,
  parseClientsConf,
  readClientsConf,
} from '../../src/config/clients-conf.ts';
import { MandosError } from '../../src/core/error.ts';
import { memoryFiles } from './memory-files.ts';

const KEY = 'ab'.repeat(32);
const OTHER_KEY = 'cd'.repeat(32);
const FILE = 'clients.conf';

function parse(text: string | Uint8Array, files = memoryFiles()): ClientsConf {
  const bytes = typeof text === 'string' ? new TextEncoder().encode(text) : text;
  return parseClientsConf(FILE, bytes, files);
}

function stanza(name: string, lines: readonly string[] = [], key = KEY): string {
  return [`[${name}]`, `key_id = ${key}`, 'secret = aGk=', ...lines, ''].join('\n');
}

function client(conf: ClientsConf, name: string): Extract<ClientSection, { kind: 'client' }> {
  const section = conf.sections.find((one) => one.name === name);
  assert.ok(section);
  assert.equal(section.kind, 'client', section.kind === 'bad' ? section.problem.message : '');
  assert.ok(section.kind === 'client');
  return section;
}

function problem(conf: ClientsConf, name: string): string {
  const section = conf.sections.find((one) => one.name === name);
  assert.ok(section?.kind === 'bad', `${name} is served`);
  return section.problem.message;
}

function kinds(conf: ClientsConf): Record<string, string> {
  return Object.fromEntries(conf.sections.map(({ name, kind }) => [name, kind]));
}

test('a client has the defaults of the manual', () => {
  const { settings, line, blob } = client(parse(stanza('foo')), 'foo');
  assert.deepEqual(settings, {
    name: 'foo',
    keyId: KEY.toUpperCase(),
    fingerprint: '',
    host: '',
    checker: 'fping -q -- %(host)s',
    timeout: 300_000,
    extendedTimeout: 900_000,
    interval: 120_000,
    approvalDelay: 0,
    approvalDuration: 1000,
    approvedByDefault: true,
    enabled: true,
  });
  assert.equal(line, 1);
  assert.equal(new TextDecoder().decode(blob.bytes), 'hi');
});

test('every option of the manual is read and expanded', () => {
  const conf = parse(
    [
      '[DEFAULT]',
      'timeout = PT10M',
      'domain = example.org',
      '[foo]',
      `KEY_ID: ${KEY.replaceAll(/(.{8})/g, '$1 ')}`,
      'fingerprint = 7788 2722 5ba7',
      'secret =',
      '    aGVs',
      '    bG8=',
      'host = foo.%(domain)s',
      'checker = ping %%(host)s %(interval)s',
      'extended_timeout = 1h 30m',
      'interval = PT1M',
      'approval_delay = PT30S',
      'approval_duration = PT2S',
      'approved_by_default = no',
      'enabled = OFF',
      'unheard of = ignored',
    ].join('\n'),
  );
  const { settings, blob } = client(conf, 'foo');
  assert.deepEqual(settings, {
    name: 'foo',
    keyId: KEY.toUpperCase(),
    fingerprint: '778827225BA7',
    host: 'foo.example.org',
    checker: 'ping %(host)s PT1M',
    timeout: 600_000,
    extendedTimeout: 5_400_000,
    interval: 60_000,
    approvalDelay: 30_000,
    approvalDuration: 2000,
    approvedByDefault: false,
    enabled: false,
  });
  assert.equal(new TextDecoder().decode(blob.bytes), 'hello');
});

test('a client may be called anything', () => {
  for (const name of ['a b/../%', 'Ünï \u001b', ' ', 'a]b', '__proto__', 'default']) {
    assert.equal(client(parse(stanza(name)), name).settings.name, name);
  }
});

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

const BAD_SECRETS: Readonly<Record<string, readonly [string, RegExp]>> = {
  'stops inside a group': ['secret = aGk', /base64/],
  'is one character': ['secret = a', /base64/],
  'is empty': ['secret =', /empty/],
  'is only padding': ['secret = ====', /empty/],
  'is missing': ['host = x', /neither a secret nor a secfile/],
  'has a secfile that is missing': ['secfile = /nowhere', /no file \/nowhere/],
  'has a secfile that cannot be read': ['secfile = /locked', /cannot read/],
  'has a secfile that is empty': ['secfile = /empty', /empty/],
  'has a secfile without a name': ['secfile =', /no file/],
  'is empty beside a good secfile': ['secret =\nsecfile = /file', /empty/],
};

for (const [name, [lines, message]] of Object.entries(BAD_SECRETS)) {
  test(`a client is bad when its secret ${name}`, () => {
    const files = memoryFiles({
      '/empty': '',
      '/file': 'x',
      '/locked': new MandosError('file-unreadable', 'cannot read it'),
    });
    const conf = parse(`[bad]\nkey_id=${KEY}\n${lines}\n${stanza('good', [], OTHER_KEY)}`, files);
    assert.deepEqual(kinds(conf), { bad: 'bad', good: 'client' });
    assert.match(problem(conf, 'bad'), message);
    assert.match(problem(conf, 'bad'), /^clients\.conf:\d+: /);
  });
}

test('a secfile is read as it is, its name expanded; a secret wins over it', () => {
  const bytes = Uint8Array.of(0, 255, 10);
  const files = memoryFiles({ '/home/u/s/file': bytes }, { u: '/home/u' }, { D: 's' });
  const secfile = 'secfile = ~u/$D/file';
  const text = `[a]\nkey_id=${KEY}\n${secfile}\n${stanza('b', [secfile], OTHER_KEY)}`;
  const conf = parse(text, files);
  assert.deepEqual(client(conf, 'a').blob.bytes, bytes);
  assert.deepEqual(client(conf, 'b').blob.bytes, new TextEncoder().encode('hi'));
});

test('no message about a broken secret holds a part of it', () => {
  const text = `[a]\nkey_id=${KEY}\nsecret = c2Vj\ncmV0c2Vj\n  cmV0\n[b]\nsecret=c2VjcmV0c2V\n`;
  const conf = parse(text);
  assert.deepEqual(kinds(conf), { a: 'bad', b: 'bad' });
  const said = JSON.stringify(conf) + conf.sections.map(({ name }) => problem(conf, name)).join();
  assert.doesNotMatch(said, /c2Vj|cmV0/);
});

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

test('of duplicate key IDs all are refused, and each names the others', () => {
  const spaced = KEY.toUpperCase().replaceAll(/(.{4})/g, '$1 ');
  const conf = parse(stanza('a') + stanza('b', [], spaced) + stanza('c', [], OTHER_KEY));
  assert.deepEqual(kinds(conf), { a: 'bad', b: 'bad', c: 'client' });
  assert.match(problem(conf, 'a'), /^clients\.conf:2: .*"b"/);
  assert.match(problem(conf, 'b'), /"a"/);
});

test('a key ID in a bad section still counts as a duplicate', () => {
  const conf = parse(stanza('a') + stanza('b', ['timeout=soon']));
  assert.deepEqual(kinds(conf), { a: 'bad', b: 'bad' });
  const repeated = parse(stanza('a') + stanza('b', [], OTHER_KEY) + stanza('b'));
  assert.deepEqual(kinds(repeated), { a: 'bad', b: 'bad' });
});

test('key IDs that identify nobody are refused', () => {
  const ofNothing = 'E3B0C44298FC1C149AFBF4C8996FB92427AE41E4649B934CA495991B7852B855';
  const ofLineFeed = '01BA4719C80B6FE911B091A7C05124B64EEECE964E09C058EF8F9805DACA546B';
  for (const key of ['', 'xyz', KEY.slice(1), `${KEY}0`, ofNothing, ofLineFeed.toLowerCase()]) {
    assert.match(problem(parse(stanza('foo', [], key)), 'foo'), /^clients\.conf:2: .*key/, key);
  }
});

test('a client with only a fingerprint is kept, and no key ID is its own', () => {
  const conf = parse(
    '[a]\nfingerprint = ab cd\nsecret=aGk=\n[b]\nfingerprint=ab cd\nsecret=aGk=\n',
  );
  assert.equal(client(conf, 'a').settings.keyId, null);
  assert.equal(client(conf, 'a').settings.fingerprint, 'ABCD');
  assert.equal(client(conf, 'b').settings.keyId, null);
});

test('a client without key ID and fingerprint is bad', () => {
  assert.match(problem(parse('[a]\nsecret=aGk=\n'), 'a'), /neither a key ID nor a fingerprint/);
});

test('an empty or missing file has no clients and removes none', () => {
  for (const conf of [parse(''), parse('[DEFAULT]\n'), readClientsConf(FILE, memoryFiles())]) {
    assert.deepEqual(conf.sections, []);
    assert.equal(conf.empty, true);
    assert.equal(conf.warnings.length, 1);
    assert.equal(isGone(conf, 'foo'), false);
  }
});

test('a file that cannot be read is an error', () => {
  const files = memoryFiles({ [FILE]: new MandosError('file-unreadable', 'cannot read it') });
  assert.throws(() => readClientsConf(FILE, files), { code: 'file-unreadable' });
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

test('what stands in the file can be compared with what stood there before', () => {
  const one = client(parse(stanza('foo', ['timeout=5m'])), 'foo').written;
  const same = client(parse(stanza('foo', ['timeout = PT5M', 'secret: aG k='].slice(0, 1))), 'foo');
  assert.deepEqual(one, same.written);
  const changed = client(parse(stanza('foo', ['timeout=6m'])), 'foo').written;
  const differing = [...one.keys()].filter((option) => one.get(option) !== changed.get(option));
  assert.deepEqual(differing, ['timeout']);
  assert.doesNotMatch(JSON.stringify([...one]), /aGk=|"hi"/);
  assert.match(one.get('secret') ?? '', /^sha256:[0-9a-f]{64}$/);
});

test('text after a section header is ignored as in the original, and told', () => {
  const conf = parse(`[DEFAULT] enabled=no\n${stanza('foo')}[bar] # a comment\n`);
  assert.equal(client(conf, 'foo').settings.enabled, true);
  assert.deepEqual(conf.warnings, [
    'clients.conf:1: what follows the section header on its line is ignored',
  ]);
});

test('the file is wiped once it is read', () => {
  const bytes = new TextEncoder().encode(stanza('foo'));
  const conf = readClientsConf(FILE, { ...memoryFiles(), readFile: () => bytes });
  assert.ok(client(conf, 'foo'));
  assert.ok(bytes.every((byte) => byte === 0));
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
