import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { firstError, parseIni } from '../../src/config/ini.ts';
import { interpolate } from '../../src/config/interpolation.ts';
import { MandosError } from '../../src/core/error.ts';
import { expandedText, parse, rawText } from './ini-text.ts';

test('every section and option knows its line', () => {
  const document = parse('# c\n\n[foo]\r\nhost=1\r  x\n[bar]\nhost=2\n');
  assert.deepEqual(
    document.sections.map(({ name, line, options }) => [name, line, options.get('host')?.line]),
    [
      ['foo', 3, 4],
      ['bar', 6, 7],
    ],
  );
});

test('what is wrong in one section is a problem of that section only', () => {
  const document = parse('[a]\nx\n[b]\nx=1\n[c]\nx=1\nx=2\n[d]\n[d]\n');
  assert.deepEqual(
    document.sections.map(({ name, problems }) => [name, problems.map(({ kind }) => kind)]),
    [
      ['a', ['syntax']],
      ['b', []],
      ['c', ['duplicate-option']],
      ['d', ['duplicate-section']],
      ['d', ['duplicate-section']],
    ],
  );
});

test('a line that is not UTF-8 is a problem of its section only', () => {
  const bytes = new TextEncoder().encode('[a]\nhost=#\n[b]\nhost=1\n');
  bytes[9] = 0xff;
  const document = parseIni('FILE', bytes);
  assert.deepEqual(
    document.sections.map(({ problems }) => problems.map(({ kind, line }) => [kind, line])),
    [[['encoding', 2]], []],
  );
});

test('a secret is bytes, found by no text search of the document, and wiped with it', () => {
  const text = '[a]\nsecret =\n  aGVs\n\n  bG8=\n\nhost=x\n';
  const document = parseIni('FILE', new TextEncoder().encode(text), { secretOptions: ['secret'] });
  const value = document.sections[0]?.options.get('secret')?.value;
  assert.ok(value?.kind === 'secret');
  assert.equal(new TextDecoder().decode(value.bytes), '\naGVs\n\nbG8=');
  document[Symbol.dispose]();
  assert.ok(value.bytes.every((byte) => byte === 0));
});

test('no message holds what stands in the file', () => {
  const document = parse('[a]\nc2VjcmV0\n[b]\nhost=1\nhost=c2VjcmV0\n');
  for (const { message } of document.problems) assert.doesNotMatch(message, /c2VjcmV0/);
});

test('another option cannot be made to show the secret', () => {
  const text = '[a]\nsecret=aGk=\nhost=%(secret)s\n';
  const document = parseIni('FILE', new TextEncoder().encode(text), { secretOptions: ['secret'] });
  const [section] = document.sections;
  const host = section?.options.get('host')?.value;
  assert.ok(section && host);
  const result = interpolate(host, section, document.defaults);
  assert.equal(result.kind === 'problem' && result.problem, 'secret');
});

test('a secret may refer to other options', () => {
  const text = '[a]\nx=aG\nsecret=%(x)sk%%=\n';
  const document = parseIni('FILE', new TextEncoder().encode(text), { secretOptions: ['secret'] });
  const [section] = document.sections;
  const secret = section?.options.get('secret')?.value;
  assert.ok(section && secret);
  const result = interpolate(secret, section, document.defaults);
  assert.ok(result.kind === 'value' && result.value.kind === 'secret');
  assert.equal(new TextDecoder().decode(result.value.bytes), 'aGk%=');
});

test('values within values are stopped before they explode', () => {
  const levels = Array.from(
    { length: 9 },
    (_, level) => `v${level}=${`%(v${level + 1})s`.repeat(20)}\n`,
  );
  for (const last of ['', 'x']) {
    const document = parse(`[a]\n${levels.join('')}v9=${last}\n`);
    const [section] = document.sections;
    const value = section?.options.get('v0')?.value;
    assert.ok(section && value);
    const result = interpolate(value, section, document.defaults);
    assert.equal(result.kind === 'problem' && result.problem, 'size');
  }
});

const visible = fc.string({ unit: fc.constantFrom(...'abcXYZ019.-/%=:#;[]() äß€'.split('')) });
const valueText = visible.map((text) => text.trim());
const valueLines = fc
  .array(
    valueText.filter((line) => line !== '' && !/^[#;]/.test(line)),
    { maxLength: 3 },
  )
  .chain((rest) => valueText.map((first) => [first, ...rest].join('\n')));
const optionName = fc.stringMatching(/^[a-z_][a-z0-9_ ]{0,6}[a-z0-9_]$/);
const sectionName = fc
  .stringMatching(/^[A-Za-z0-9 ._äß-]{1,12}$/)
  .filter((name) => name !== 'DEFAULT');
const file = fc.dictionary(sectionName, fc.dictionary(optionName, valueLines));

test('what is written is read back', () => {
  fc.assert(
    fc.property(file, fc.constantFrom('\n', '\r\n', '\r'), (sections, newline) => {
      const text = Object.entries(sections)
        .map(([name, options]) => {
          const lines = Object.entries(options).map(
            ([option, value]) => `${option} = ${value.replaceAll('\n', '\n  ')}`,
          );
          return [`[${name}]`, ...lines].join('\n');
        })
        .join('\n');
      const document = parseIni('FILE', new TextEncoder().encode(text.replaceAll('\n', newline)));
      assert.equal(firstError(document), null);
      const read = document.sections.map((section) => [section.name, rawText(section)]);
      assert.deepEqual(
        read,
        Object.entries(sections).map(([name, options]) => [name, { ...options }]),
      );
    }),
  );
});

test('a value that is escaped is read back by expansion', () => {
  fc.assert(
    fc.property(valueLines, (value) => {
      const written = value.replaceAll('%', '%%').replaceAll('\n', '\n  ');
      const document = parse(`[a]\nx = ${written}\n`);
      const [section] = document.sections;
      assert.ok(section);
      assert.equal(expandedText(section, document).x, value);
    }),
  );
});

test('no bytes make the reader throw', () => {
  const hostile = fc.constantFrom(
    ...['[', ']', '=', ':', '%(', ')s', '\n', ' ', '#', 'a', '\u00a0', '\r'],
  );
  const text = fc
    .array(hostile, { maxLength: 60 })
    .map((parts) => new TextEncoder().encode(parts.join('')));
  fc.assert(
    fc.property(fc.oneof(fc.uint8Array(), text), (bytes) => {
      const document = parseIni('FILE', bytes, { secretOptions: ['a'] });
      const error = firstError(document);
      assert.ok(error === null || error instanceof MandosError);
      for (const section of document.sections) {
        for (const option of section.options.values()) {
          interpolate(option.value, section, document.defaults);
        }
      }
    }),
  );
});

const HOSTILE: Readonly<Record<string, (size: number) => string>> = {
  'open brackets': (size) => '['.repeat(size),
  'white space': (size) => `[a]\nb=${' '.repeat(size)}x`,
  'wide white space': (size) => `[a]\nb=x${'\u3000'.repeat(size)}`,
  'blank lines in a value': (size) => `[a]\nb=x\n${'\n'.repeat(size)} y\n`,
  'continued lines': (size) => `[a]\nb=x\n${' y\n'.repeat(size)}`,
  'bad lines': (size) => `[a]\n${'x\n'.repeat(size)}`,
  'one section over and over': (size) => '[a]\n'.repeat(size),
  'one option over and over': (size) => `[a]\n${'b=\n'.repeat(size)}`,
  'open references': (size) => `[a]\nb=${'%('.repeat(size)}`,
};

test('reading takes time in proportion to the length, whatever the input', () => {
  for (const [name, make] of Object.entries(HOSTILE)) {
    const start = performance.now();
    const document = parse(make(200_000));
    for (const section of document.sections.slice(0, 1)) expandedText(section, document);
    assert.ok(performance.now() - start < 5000, name);
  }
});
