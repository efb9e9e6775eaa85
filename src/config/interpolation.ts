import { asciiBytes, concat } from '../core/bytes.ts';
import type { IniOption, IniSection, IniValue } from './ini-document.ts';

/** `configparser` gives up after ten values within values. */
const DEEPEST = 10;
/** Ten levels of ten references each would be ten thousand million: stop long before. */
const MOST_REFERENCES = 10_000;
const LONGEST_RESULT = 1_048_576;

export type InterpolationProblem =
  | 'syntax' // a `%` that starts neither `%%` nor `%(name)s`
  | 'missing-option' // a name that is not in the section and not in the defaults
  | 'depth' // values within values without end
  | 'size' // more references or text than any sane file has
  | 'secret'; // a reference to the secret, which must not become a text (S4)

export type Interpolated<T extends IniValue> =
  | { readonly kind: 'value'; readonly value: T }
  | { readonly kind: 'problem'; readonly problem: InterpolationProblem; readonly message: string };

/** What the option means in this section: its own value or the default; undefined if neither. */
export function lookUp(
  section: IniSection,
  defaults: IniSection,
  name: string,
): IniOption | undefined {
  return section.options.get(name) ?? defaults.options.get(name);
}

/**
 * The option's value with every `%(name)s` replaced by the value of that option in the
 * section or the defaults, and every `%%` by `%` (start-time expansion, mandos-clients.conf(5)).
 * A secret stays bytes; the caller wipes the result.
 */
export function interpolate<T extends IniValue>(
  value: T,
  section: IniSection,
  defaults: IniSection,
): Interpolated<T>;
export function interpolate(
  value: IniValue,
  section: IniSection,
  defaults: IniSection,
): Interpolated<IniValue> {
  const expansion = new Expansion((name) => lookUp(section, defaults, name));
  try {
    if (value.kind === 'text') {
      return { kind: 'value', value: { kind: 'text', text: expansion.text(value.text, 1) } };
    }
    return { kind: 'value', value: { kind: 'secret', bytes: expansion.secret(value.bytes) } };
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    return { kind: 'problem', problem: error.problem, message: error.message };
  }
}

class Failure extends Error {
  readonly problem: InterpolationProblem;
  constructor(problem: InterpolationProblem, message: string) {
    super(message);
    this.problem = problem;
  }
}

/** `%(`, a name of one character or more without `)`, `)s`. */
const REFERENCE = /%\(([^)]+)\)s/y;

class Expansion {
  readonly #find: (name: string) => IniOption | undefined;
  #references = 0;
  #length = 0;

  constructor(find: (name: string) => IniOption | undefined) {
    this.#find = find;
  }

  text(raw: string, depth: number): string {
    if (depth > DEEPEST) {
      throw new Failure('depth', 'it refers to values within values without end');
    }
    let result = '';
    let start = 0;
    for (;;) {
      const percent = raw.indexOf('%', start);
      const literal = raw.slice(start, percent < 0 ? raw.length : percent);
      result += literal;
      this.#count(literal.length);
      if (percent < 0) return result;
      if (raw[percent + 1] === '%') {
        result += '%';
        start = percent + 2;
        continue;
      }
      REFERENCE.lastIndex = percent;
      const name = REFERENCE.exec(raw)?.[1];
      if (name === undefined) {
        throw new Failure('syntax', 'a "%" must be followed by "%", or by "(name)s"');
      }
      start = REFERENCE.lastIndex;
      result += this.#referred(name, depth);
    }
  }

  /** As `text`, for bytes; what is between references is copied, never made into a text. */
  secret(raw: Uint8Array): Uint8Array {
    const parts: Uint8Array[] = [];
    let start = 0;
    for (;;) {
      const percent = raw.indexOf(PERCENT, start);
      parts.push(raw.subarray(start, percent < 0 ? raw.length : percent));
      if (percent < 0) return concat(parts);
      const end = raw[percent + 1] === PERCENT ? percent + 2 : endOfReference(raw, percent);
      const token = new TextDecoder().decode(raw.subarray(percent, end));
      parts.push(new TextEncoder().encode(this.text(token, 1)));
      start = end;
    }
  }

  #referred(rawName: string, depth: number): string {
    if (++this.#references > MOST_REFERENCES) throw new Failure('size', 'it refers too often');
    const name = rawName.toLowerCase();
    const option = this.#find(name);
    if (option === undefined) {
      throw new Failure(
        'missing-option',
        `it refers to option ${JSON.stringify(name)}, which is not there`,
      );
    }
    if (option.value.kind === 'secret') {
      throw new Failure('secret', `it refers to option ${JSON.stringify(name)}, which is secret`);
    }
    const value = option.value.text;
    if (value.includes('%')) return this.text(value, depth + 1);
    this.#count(value.length);
    return value;
  }

  #count(length: number): void {
    this.#length += length;
    if (this.#length > LONGEST_RESULT) throw new Failure('size', 'its value is too long');
  }
}

const PERCENT = 0x25;
const REFERENCE_END = asciiBytes(')s');

/** Just after the `)s` of the reference at `start`; just after the `%` if there is none. */
function endOfReference(bytes: Uint8Array, start: number): number {
  const closing = bytes.indexOf(REFERENCE_END[0] ?? 0, start);
  return closing >= 0 && bytes[closing + 1] === REFERENCE_END[1] ? closing + 2 : start + 1;
}
