import { parseArgs } from 'node:util';
import { MandosError } from '../core/error.ts';
import { LongNames } from './long-names.ts';
import type {
  Flag,
  Habits,
  Option,
  Options,
  OptionValues,
  ProgramDeclaration,
  Valued,
} from './option-declaration.ts';
import { helpText, usageText } from './option-help.ts';

/** An option as it was given once: its key and what its value means; true for a flag. */
export type Given<O extends Options> = {
  readonly [Key in keyof OptionValues<O> & keyof O & string]: {
    readonly key: Key;
    readonly value: O[Key] extends Flag ? true : O[Key] extends Valued<infer T> ? T : never;
  };
}[keyof OptionValues<O> & keyof O & string];

export type CommandLine<O extends Options> =
  | {
      readonly kind: 'run';
      readonly values: OptionValues<O>;
      /** The options that were given, each time they were, by their keys, in this order. */
      readonly given: readonly Given<O>[];
      readonly operands: readonly string[];
    }
  /** To be written to standard output; the exit status is 0. */
  | { readonly kind: 'print'; readonly text: string };

/**
 * Reads a command line with the habits of GNU getopt and Python's argparse: `--opt=value`,
 * `--opt value`, `-o value`, `-ovalue`, grouped short flags, unambiguous abbreviations of long
 * options, `--` before operands, options and operands in any order (argparse: the operands
 * together). The first option that asks for help, usage or version wins over whatever comes
 * after it.
 *
 * Throws `MandosError` `usage` with the program's own exit status.
 */
export function parseCommandLine<O extends Options>(
  program: ProgramDeclaration<O>,
  args: readonly string[],
): CommandLine<O> {
  try {
    return new CommandLineReader(program).read(args);
  } catch (error) {
    if (!(error instanceof MandosError)) throw error;
    throw misuse(program, error.message, error.hint);
  }
}

/** The error for a command line that cannot be understood. */
export function misuse(
  program: Pick<ProgramDeclaration<Options>, 'name' | 'misuseStatus'>,
  message: string,
  hint = `"${program.name} --help" lists the options`,
): MandosError {
  return new MandosError('usage', message, { exitCode: program.misuseStatus, hint });
}

class CommandLineReader<O extends Options> {
  readonly #program: ProgramDeclaration<O>;
  readonly #names: LongNames;
  readonly #keyOf = new Map<string, string>();
  readonly #byShort = new Map<string, string>();
  readonly #found = new Map<string, unknown>();
  readonly #given: Given<O>[] = [];

  constructor(program: ProgramDeclaration<O>) {
    this.#program = program;
    const [whole, others] = partition(Object.values(program.options));
    this.#names = new LongNames(others, whole);
    for (const [key, option] of Object.entries(program.options)) {
      this.#keyOf.set(option.long, key);
      if (option.short !== undefined) this.#byShort.set(option.short, option.long);
      if (option.kind === 'flag') this.#found.set(key, false);
      if (option.kind === 'values') this.#found.set(key, []);
    }
  }

  read(args: readonly string[]): CommandLine<O> {
    const operands = new OperandReader(this.#program.habits);
    const { tokens } = parseArgs({
      args: args.map((arg) => (this.#isOperandWithDash(arg) ? PROTECTED + arg : arg)),
      options: this.#nativeOptions(),
      strict: false,
      allowPositionals: true,
      tokens: true,
    });
    for (const token of tokens) {
      if (token.kind === 'positional') operands.take(unprotected(token.value));
      if (token.kind === 'option-terminator') operands.passTerminator();
      if (token.kind !== 'option') continue;
      operands.passOption();
      const long = token.rawName.startsWith('--') ? this.#resolve(token.name) : token.name;
      const key = this.#keyOf.get(this.#byShort.get(long) ?? long);
      const option = key === undefined ? undefined : this.#program.options[key];
      if (key === undefined || option === undefined) {
        throw new MandosError('usage', `unknown option ${token.rawName}`);
      }
      const text = this.#program.habits === 'argparse' ? argparseValue(token) : token.value;
      const printed = this.#take(key, option, text);
      if (printed !== null) return { kind: 'print', text: printed };
    }
    const [first] = operands.all;
    if (first !== undefined && this.#program.operands === undefined) throw unexpected(first);
    const values = Object.fromEntries(this.#found) as OptionValues<O>;
    return { kind: 'run', values, given: this.#given, operands: operands.all };
  }

  /** argparse: a negative number, or an argument with a space in it that begins no option. */
  #isOperandWithDash(arg: string): boolean {
    if (this.#program.habits !== 'argparse' || !/^-./u.test(arg)) return false;
    if (NEGATIVE_NUMBER.test(arg)) return true;
    if (!arg.includes(' ')) return false;
    const [name = ''] = arg.slice(2).split('=', 1);
    return arg.startsWith('--')
      ? this.#names.find(name).kind === 'unknown'
      : !this.#byShort.has(arg.charAt(1));
  }

  /** Every abbreviation is an option of its own to `parseArgs`, so that it takes its value. */
  #nativeOptions(): Record<string, { type: 'string' | 'boolean'; short?: string }> {
    const native: Record<string, { type: 'string' | 'boolean'; short?: string }> = {};
    for (const option of Object.values(this.#program.options)) {
      const type = takesValue(option) ? 'string' : 'boolean';
      for (const prefix of this.#names.prefixesOf(option.long)) native[prefix] = { type };
      native[option.long] = {
        type,
        ...(option.short === undefined ? {} : { short: option.short }),
      };
    }
    return native;
  }

  #resolve(written: string): string {
    const found = this.#names.find(written);
    switch (found.kind) {
      case 'name':
        return found.name;
      case 'unknown':
        throw new MandosError('usage', `unknown option --${written}`);
      case 'ambiguous': {
        const candidates = found.candidates.map((name) => `--${name}`).join(', ');
        throw new MandosError('usage', `option --${written} could be ${candidates}`);
      }
    }
  }

  /** The text to print when the option is one that makes the program print and exit. */
  #take(key: string, option: Option, text: string | undefined): string | null {
    this.#checkExclusive(key, option);
    if (takesValue(option)) {
      if (text === undefined) {
        throw new MandosError('usage', `option --${option.long} needs a value`);
      }
      const parsed: unknown = parsedValue(option.long, option.parse, text);
      const earlier = this.#found.get(key);
      this.#found.set(
        key,
        option.kind === 'values' ? [...(Array.isArray(earlier) ? earlier : []), parsed] : parsed,
      );
      this.#note(key, parsed);
      return null;
    }
    if (text !== undefined) {
      throw new MandosError('usage', `option --${option.long} takes no value`);
    }
    switch (option.kind) {
      case 'flag':
        this.#found.set(key, true);
        this.#note(key, true);
        return null;
      case 'help':
        return helpText(this.#program);
      case 'usage':
        return usageText(this.#program);
      case 'version':
        return `${this.#program.name} ${this.#program.version}\n`;
    }
  }

  #note(key: string, value: unknown): void {
    this.#given.push({ key, value } as Given<O>);
  }

  #checkExclusive(key: string, option: Option): void {
    for (const group of this.#program.exclusive ?? []) {
      if (!group.includes(key)) continue;
      const other = this.#given.find((given) => given.key !== key && group.includes(given.key));
      const long = other === undefined ? undefined : this.#program.options[other.key]?.long;
      if (long === undefined) continue;
      throw new MandosError('usage', `option --${option.long} cannot be given with --${long}`);
    }
  }
}

/** Gathers the operands; argparse takes them only together, not parted by options. */
class OperandReader {
  readonly all: string[] = [];
  readonly #habits: Habits;
  #ended = false;

  constructor(habits: Habits) {
    this.#habits = habits;
  }

  take(operand: string): void {
    if (this.#ended && this.#habits === 'argparse') throw unexpected(operand);
    this.all.push(operand);
  }

  passTerminator(): void {
    if (this.#ended && this.#habits === 'argparse') throw unexpected('--');
  }

  passOption(): void {
    this.#ended ||= this.all.length > 0;
  }
}

function unexpected(operand: string): MandosError {
  return new MandosError('usage', `unexpected argument ${JSON.stringify(operand)}`);
}

/** The names that cannot be abbreviated, and those that can. */
function partition(options: readonly Option[]): readonly [string[], string[]] {
  const names = (whole: boolean): string[] =>
    options.filter((option) => (option.unabbreviated ?? false) === whole).map(({ long }) => long);
  return [names(true), names(false)];
}

function takesValue(option: Option): option is Extract<Option, { readonly valueName: string }> {
  return option.kind === 'value' || option.kind === 'values';
}

function parsedValue(long: string, parse: (text: string) => unknown, text: string): unknown {
  try {
    return parse(text);
  } catch (error) {
    if (!(error instanceof MandosError)) throw error;
    throw new MandosError('usage', `option --${long}: ${error.message}`, {
      ...(error.hint === undefined ? {} : { hint: error.hint }),
      cause: error,
    });
  }
}

/** Before an argument that `parseArgs` must not take for an option; no argument can begin so. */
const PROTECTED = '\0';

function unprotected(argument: string): string {
  return argument.startsWith(PROTECTED) ? argument.slice(PROTECTED.length) : argument;
}

const NEGATIVE_NUMBER = /^-\d+$|^-\d*\.\d+$/;

function argparseValue(token: {
  rawName: string;
  value: string | undefined;
  inlineValue: boolean | undefined;
}): string | undefined {
  const { rawName, value, inlineValue } = token;
  if (value === undefined) return undefined;
  if (inlineValue) return rawName.startsWith('--') ? value : value.replace(/^=/, '');
  return value.startsWith('-') && value !== '-' ? undefined : unprotected(value);
}
