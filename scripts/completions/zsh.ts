/** Completions for zsh. */
import {
  type Completed,
  type CompletedOption,
  type CompletedProgram,
  LIST_CLIENTS,
} from './completed-program.ts';

/** The file for /usr/share/zsh/vendor-completions/_NAME. */
export function zshCompletion({ name, options, operands }: CompletedProgram): string {
  const specs = options.map(spec);
  if (operands !== null) specs.push(`'*:${operands.kind}:${action(operands)}'`);
  const clients = operands?.kind === 'client' ? CLIENTS : '';
  return `#compdef ${name}
# Completion of ${name} for zsh; made by scripts/completions.ts.
${clients}_arguments -s -S \\
  ${specs.join(' \\\n  ')}
`;
}

const CLIENTS = `_mandos_clients() {
  local -a clients
  clients=(\${(f)"$(${LIST_CLIENTS})"})
  compadd -a clients
}
`;

function spec({ long, short, description, value, repeatable }: CompletedOption): string {
  const what = `[${description.replaceAll(/[[\]:\\]/g, '\\$&')}]`;
  const after =
    value === null
      ? ''
      : `:${value.name.toLowerCase().replaceAll(':', '\\:')}:${action(value.completed)}`;
  const joined = value === null ? '' : '=';
  if (short === undefined)
    return quoted(`${repeatable ? '*' : ''}--${long}${joined}${what}${after}`);
  const others = repeatable ? "'*'" : `'(-${short} --${long})'`;
  const names = `{-${short}${value === null ? '' : '+'},--${long}${joined}}`;
  return `${others}${names}${quoted(`${what}${after}`)}`;
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

function action(completed: Completed): string {
  switch (completed.kind) {
    case 'words':
      return `(${completed.words.join(' ')})`;
    case 'file':
      return '_files';
    case 'directory':
      return '_files -/';
    case 'interface':
      return '_net_interfaces';
    case 'client':
      return '_mandos_clients';
    case 'anything':
      return ' ';
    default:
      return completed satisfies never;
  }
}
