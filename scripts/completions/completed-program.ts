/** A program's command line as the shells complete it, made from its declaration. */
import type { Option, Options, ProgramDeclaration } from '../../src/config/option-declaration.ts';

/** What may follow an option or stand as an operand. */
export type Completed =
  | { readonly kind: 'words'; readonly words: readonly string[] }
  | { readonly kind: 'file' }
  | { readonly kind: 'directory' }
  /** A network interface of this machine. */
  | { readonly kind: 'interface' }
  /** A client of the running server. */
  | { readonly kind: 'client' }
  /** Nothing that a shell could guess. */
  | { readonly kind: 'anything' };

export interface CompletedOption {
  readonly long: string;
  readonly short: string | undefined;
  /** Without a full stop. */
  readonly description: string;
  /** What follows it, and what the help calls that; null when nothing does. */
  readonly value: { readonly name: string; readonly completed: Completed } | null;
  readonly repeatable: boolean;
}

export interface CompletedProgram {
  readonly name: string;
  readonly options: readonly CompletedOption[];
  /** Null when there are none. */
  readonly operands: Completed | null;
}

/** The values of options by their long names, where the names of the values do not say it. */
export type Hints = Readonly<Record<string, Completed>>;

const BY_VALUE_NAME: Readonly<Record<string, Completed>> = {
  FILE: { kind: 'file' },
  FILENAME: { kind: 'file' },
  DEVICE: { kind: 'file' },
  DIRECTORY: { kind: 'directory' },
};

export function completedProgram<O extends Options>(
  program: ProgramDeclaration<O>,
  hints: Hints = {},
  operands: Completed | null = null,
): CompletedProgram {
  const options = Object.values<Option>(program.options).flatMap((option) => {
    const { long, short, description } = option;
    if (description === undefined) return [];
    const valueName = 'valueName' in option ? option.valueName : null;
    const completed = hints[long] ?? BY_VALUE_NAME[valueName ?? ''] ?? { kind: 'anything' };
    const value = valueName === null ? null : { name: valueName, completed };
    return [{ long, short, description, value, repeatable: option.kind === 'values' }];
  });
  return { name: program.name, options, operands };
}

/** How clients' names are asked for: those without quotes or backslashes, a line each. */
export const LIST_CLIENTS = String.raw`mandos-ctl --dump-json 2>/dev/null | sed -n 's/^    "\([^"\\]*\)": {$/\1/p'`;

/** How network interfaces are asked for. */
export const LIST_INTERFACES = 'command ls /sys/class/net 2>/dev/null';
