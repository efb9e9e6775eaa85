import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { firstError } from '../../src/config/ini.ts';
import type { IniProblemKind } from '../../src/config/ini-document.ts';
import { parseBoolean, parseInteger } from '../../src/config/ini-scalars.ts';
import type { InterpolationProblem } from '../../src/config/interpolation.ts';
import { MandosError } from '../../src/core/error.ts';
import { expandedText, parse, rawText } from './ini-text.ts';

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
const INTERPOLATION_ERRORS: Readonly<Partial<Record<string, InterpolationProblem>>> = {
  InterpolationSyntaxError: 'syntax',
  InterpolationMissingOptionError: 'missing-option',
  InterpolationDepthError: 'depth',
};

test('the table of configparser has its 77 cases', () => assert.equal(table.cases.length, 77));

for (const { name, input, result } of table.cases) {
  test(`configparser: ${name}`, () => {
    const document = parse(input, builtIn);
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
      '__error__' in options
        ? { __error__: INTERPOLATION_ERRORS[options.__error__ ?? ''] }
        : options,
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

function isConfigError(error: unknown): boolean {
  return error instanceof MandosError && error.code === 'config-value';
}
