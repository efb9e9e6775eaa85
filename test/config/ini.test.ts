import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import fc from 'fast-check';
import { firstError, parseIni } from '../../src/config/ini.ts';
import type { IniDocument, IniProblemKind, IniSection } from '../../src/config/ini-document.ts';
import { parseBoolean, parseInteger } from '../../src/config/ini-scalars.ts';
import { type InterpolationProblem, interpolate } from '../../src/config/interpolation.ts';
import { MandosError } from '../../src/core/error.ts';

interface ParsedFile {
  readonly defaults_raw: Readonly<Record<string, string>>;
  readonly sections: Readonly<Record<string, Readonly<Record<string, string>>>>;
}
interface RefusedFile {
  readonly parse_error: string;
  readonly message: string;
}
interface Table {
  readonly constructor_defaults: Readonly<Record<string, string>>;
  readonly cases: readonly {
    readonly name: string;
    readonly input: string;
    readonly result: ParsedFile | RefusedFile;
  }[];
  readonly getboolean: readonly (readonly [string, boolean | string])[];
  readonly getint: readonly (readonly [string, number | string])[];
}

const table: Table = JSON.parse(
  readFileSync(new URL('fixtures/configparser-table.json', import.meta.url), 'utf8'),
);
const builtIn = new Map(Object.entries(table.constructor_defaults));

const PARSE_ERRORS: Readonly<Record<IniProblemKind, string>> = {
  'missing-section-header': 'MissingSectionHeaderError',
  'duplicate-section': 'DuplicateSectionError',
  'duplicate-option': 'DuplicateOptionError',
  encoding: 'UnicodeDecodeError',
  syntax: 'ParsingError',
};
const INTERPOLATION_ERRORS: Readonly<Record<InterpolationProblem, string>> = {
  syntax: 'InterpolationSyntaxError',
  'missing-option': 'InterpolationMissingOptionError',
  depth: 'InterpolationDepthError',
  size: 'none',
  secret: 'none',
};

function parse(text: string): IniDocument {
  return parseIni('FILE', new TextEncoder().encode(text), { builtIn });
}

function rawText(section: IniSection): Record<string, string> {
  return Object.fromEntries(
    [...section.options.values()].map(({ name, value }) => {
      assert.equal(value.kind, 'text');
      return [name, value.kind === 'text' ? value.text : ''];
    }),
  );
}

function expandedText(section: IniSection, document: IniDocument): Record<string, string> {
  const names = new Set([...document.defaults.options.keys(), ...section.options.keys()]);
  const result: Record<string, string> = {};
  for (const name of names) {
    const value = (section.options.get(name) ?? document.defaults.options.get(name))?.value;
    assert.ok(value?.kind === 'text');
    const expanded = interpolate(value, section, document.defaults);
    if (expanded.kind === 'problem') return { __error__: INTERPOLATION_ERRORS[expanded.problem] };
    result[name] = expanded.value.text;
  }
  return result;
}

test('the table of configparser has its 77 cases', () => assert.equal(table.cases.length, 77));

for (const { name, input, result } of table.cases) {
  test(`configparser: ${name}`, () => {
    const document = parse(input);
    const error = firstError(document);
    if ('parse_error' in result) {
      assert.ok(error);
      const stopping = document.problems.find(({ kind }) => kind !== 'syntax');
      const reported = stopping === undefined ? document.problems : [stopping];
      assert.deepEqual(
        reported.map(({ kind }) => PARSE_ERRORS[kind]),
        reported.map(() => result.parse_error),
      );
      const lines = Array.from(result.message.matchAll(/line:? +(\d+)/g), ([, line]) =>
        Number(line),
      );
      assert.deepEqual(
        reported.map(({ line }) => line),
        lines,
      );
      assert.match(error.message, new RegExp(`^FILE:${lines[0]}: `));
      return;
    }
    assert.equal(error, null);
    assert.deepEqual(rawText(document.defaults), result.defaults_raw);
    const sections = document.sections.map(
      (section) => [section.name, expandedText(section, document)] as const,
    );
    const expected = Object.entries(result.sections).map(([section, options]) => [
      section,
      '__error__' in options ? { __error__: options.__error__ } : options,
    ]);
    assert.deepEqual(Object.fromEntries(sections), Object.fromEntries(expected));
  });
}

test('truth values are those of configparser', () => {
  for (const [text, expected] of table.getboolean) {
    if (typeof expected === 'boolean') assert.equal(parseBoolean(text), expected);
    else assert.throws(() => parseBoolean(text), isConfigError, text);
  }
});

test('whole numbers are those of Python', () => {
  for (const [text, expected] of table.getint) {
    if (typeof expected === 'number') assert.equal(parseInteger(text), expected);
    else assert.throws(() => parseInteger(text), isConfigError, text);
  }
  assert.equal(parseInteger('-0'), 0);
  assert.equal(parseInteger('\u{1d7db}\u{1d7d8}'), 30);
  for (const text of ['_1', '1_', '1__0', '+ 1', '9'.repeat(30)]) {
    assert.throws(() => parseInteger(text), isConfigError, text);
  }
});

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

function isConfigError(error: unknown): boolean {
  return error instanceof MandosError && error.code === 'config-value';
}
