import { isUtf8 } from 'node:buffer';
import { MandosError } from '../core/error.ts';
import { IniBuilder } from './ini-builder.ts';
import type { IniDocument, IniProblem } from './ini-document.ts';
import { indentation, strip } from './python-whitespace.ts';

const OPEN = 0x5b; // [
const CLOSE = 0x5d; // ]
const EQUALS = 0x3d;
const COLON = 0x3a;
const HASH = 0x23;
const SEMICOLON = 0x3b;

export interface IniOptions {
  /** Options whose values are secrets: kept as bytes and never made into a text (S4). */
  readonly secretOptions?: readonly string[];
  /** Values by option name, as they would be written, for options that `[DEFAULT]` leaves out. */
  readonly builtIn?: ReadonlyMap<string, string>;
}

/**
 * Reads the dialect of Python 3.11's `configparser`, which the original's files are written
 * in. Nothing stops the reading: what is wrong is recorded with its line, in the section it
 * belongs to, so that one bad section can be one bad client (F4). `firstError` tells whether
 * `configparser` would have refused the file. The time taken is linear in the length.
 *
 * The document holds copies of `bytes`; the caller may wipe them afterwards.
 */
export function parseIni(file: string, bytes: Uint8Array, options: IniOptions = {}): IniDocument {
  const builder = new IniBuilder(
    file,
    new Set(options.secretOptions),
    options.builtIn ?? new Map(),
  );
  let blockIndentation = 0;
  for (const { number, content } of lines(bytes)) {
    const text = strip(content);
    if (isComment(text)) continue;
    if (text.length === 0) {
      builder.blankLine();
      continue;
    }
    const lineIndentation = indentation(content);
    if (!isUtf8(text)) {
      builder.undecodable(number);
      continue;
    }
    if (builder.insideValue && lineIndentation > blockIndentation) {
      builder.continuation(text, number);
      continue;
    }
    blockIndentation = lineIndentation;
    const closing = text[0] === OPEN ? text.lastIndexOf(CLOSE) : -1;
    if (closing > 1) {
      builder.header(text.subarray(1, closing), number);
      const rest = strip(text.subarray(closing + 1));
      if (rest.length > 0 && !isComment(rest)) builder.cutShort(number);
      continue;
    }
    const delimiter = text.findIndex((byte) => byte === EQUALS || byte === COLON);
    if (delimiter > 0) {
      builder.option(
        strip(text.subarray(0, delimiter)),
        strip(text.subarray(delimiter + 1)),
        number,
      );
    } else {
      builder.unreadable(text, number, delimiter === 0);
    }
  }
  return builder.finish();
}

function isComment(text: Uint8Array): boolean {
  return text[0] === HASH || text[0] === SEMICOLON;
}

/**
 * The error with which `configparser` refuses the file, or null. As there, lines that cannot
 * be read are only reported when nothing else is wrong.
 */
export function firstError(document: IniDocument): MandosError | null {
  const stopping = document.problems.find((problem) => problem.kind !== 'syntax');
  const problem = stopping ?? document.problems[0];
  return problem === undefined ? null : iniError(document.file, problem);
}

/** The problem as an error that says file and line. */
export function iniError(file: string, problem: IniProblem): MandosError {
  return new MandosError(
    'config-syntax',
    `${file}:${problem.line}: ${problem.message}`,
    problem.hint === undefined ? {} : { hint: problem.hint },
  );
}

const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;

/** Lines end with LF, CR or CR LF, and with nothing else (Python's universal newlines). */
function* lines(bytes: Uint8Array): Generator<{ number: number; content: Uint8Array }> {
  let number = 1;
  let start = 0;
  for (let index = 0; index < bytes.length; index++) {
    const byte = bytes[index];
    if (byte !== LINE_FEED && byte !== CARRIAGE_RETURN) continue;
    yield { number, content: bytes.subarray(start, index) };
    if (byte === CARRIAGE_RETURN && bytes[index + 1] === LINE_FEED) index++;
    start = index + 1;
    number++;
  }
  if (start < bytes.length) yield { number, content: bytes.subarray(start) };
}
