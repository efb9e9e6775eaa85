import type { ExitStatus } from '../core/error.ts';

interface Named {
  /** Without the dashes. */
  readonly long: string;
  /** One letter. */
  readonly short?: string;
  /** For the help: a sentence without a full stop. Without it, the option is not shown. */
  readonly description?: string;
  /**
   * It is known by its whole name only: an option that the original has not must not make
   * ambiguous what abbreviates one of the original's.
   */
  readonly unabbreviated?: true;
}

export interface Valued<T> extends Named {
  /** What the help calls the value: `PORT`. */
  readonly valueName: string;
  /** Throws `MandosError` for a text that makes no sense. */
  readonly parse: (text: string) => T;
}

/** An option that is there or not. */
export interface Flag extends Named {
  readonly kind: 'flag';
}

/** An option with a value; the last one counts. */
export interface Value<T> extends Valued<T> {
  readonly kind: 'value';
}

/** An option with a value that may be given many times; all count, in order. */
export interface Values<T> extends Valued<T> {
  readonly kind: 'values';
}

/** An option that makes the program print something and exit. */
export interface Action extends Named {
  readonly kind: 'help' | 'usage' | 'version';
}

export type Option = Flag | Value<unknown> | Values<unknown> | Action;
export type Options = Readonly<Record<string, Option>>;

/** The result's type: `boolean` for a flag, the value or `undefined`, the list of values. */
export type OptionValues<O extends Options> = {
  readonly [Key in keyof O as O[Key] extends Action ? never : Key]: O[Key] extends Flag
    ? boolean
    : O[Key] extends Value<infer T>
      ? T | undefined
      : O[Key] extends Values<infer T>
        ? readonly T[]
        : never;
};

export function flag(option: Omit<Flag, 'kind'>): Flag {
  return { kind: 'flag', ...option };
}

export function value<T>(option: Omit<Value<T>, 'kind'>): Value<T> {
  return { kind: 'value', ...option };
}

export function values<T>(option: Omit<Values<T>, 'kind'>): Values<T> {
  return { kind: 'values', ...option };
}

export function action(kind: Action['kind'], option: Omit<Action, 'kind'>): Action {
  return { kind, ...option };
}

/** A value that is taken as it is. */
export const asText = (text: string): string => text;

/**
 * Whose habits a program has. With `argparse` (Python) the value of a short option may follow
 * an `=`, and one that starts with a dash must be joined to its option unless it is a number.
 * With `getopt` (argp and shell programs) whatever follows is the value.
 */
export type Habits = 'argparse' | 'getopt';

/** A program's command line, declared once. */
export interface ProgramDeclaration<O extends Options> {
  readonly name: string;
  readonly version: string;
  /** What it is for, in a sentence for the help. */
  readonly purpose: string;
  readonly habits: Habits;
  /** The exit status for a command line that cannot be understood. */
  readonly misuseStatus: ExitStatus;
  /** The names of arguments that are no options, for the usage; without it there are none. */
  readonly operands?: string;
  readonly options: O;
  /** Groups of options, by their keys, of which only one may be given. */
  readonly exclusive?: readonly (readonly (keyof O & string)[])[];
}
