import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readClientsConf } from '../../src/config/clients-conf.ts';
import { MandosError } from '../../src/core/error.ts';
import {
  client,
  FILE,
  KEY,
  kinds,
  OTHER_KEY,
  parse,
  problem,
  stanza,
} from './clients-conf-text.ts';
import { memoryFiles } from './memory-files.ts';

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

test('a file that cannot be read is an error', () => {
  const files = memoryFiles({ [FILE]: new MandosError('file-unreadable', 'cannot read it') });
  assert.throws(() => readClientsConf(FILE, files), { code: 'file-unreadable' });
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
