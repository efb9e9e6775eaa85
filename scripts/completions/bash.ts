/** Completions for bash. They need nothing but bash 4.4. */
import {
  type Completed,
  type CompletedProgram,
  LIST_CLIENTS,
  LIST_INTERFACES,
} from './completed-program.ts';

/** The file for /usr/share/bash-completion/completions/NAME. */
export function bashCompletion({ name, options, operands }: CompletedProgram): string {
  const functionName = `_${name.replaceAll('-', '_')}`;
  const values = options.flatMap(({ long, short, value }) => {
    if (value === null) return [];
    const patterns = [`--${long}`, ...(short === undefined ? [] : [`-${short}`])].join(' | ');
    return [`    ${patterns})\n${candidates(value.completed, '      ')}      return\n      ;;`];
  });
  const names = options.flatMap(({ long, short, value }) => [
    `--${long}${value === null ? '' : '='}`,
    ...(short === undefined ? [] : [`-${short}`]),
  ]);
  return `# Completion of ${name} for bash; made by scripts/completions.ts.
${functionName}() {
  local current=\${COMP_WORDS[COMP_CWORD]} previous=\${COMP_WORDS[COMP_CWORD - 1]} IFS=$'\\n'
  COMPREPLY=()
  # In "--option=value" the "=" is a word of its own.
  if [[ $current == '=' ]]; then
    current=
  elif [[ $previous == '=' ]]; then
    previous=\${COMP_WORDS[COMP_CWORD - 2]}
  fi
  case $previous in
${values.join('\n')}
  esac
  if [[ $current == -* ]]; then
    COMPREPLY=($(compgen -W '${names.join('\n')}' -- "$current"))
    [[ \${COMPREPLY[0]} != *= ]] || compopt -o nospace
    return
  fi
${operands === null ? '  return\n' : candidates(operands, '  ')}}
complete -F ${functionName} ${name}
`;
}

function candidates(completed: Completed, indent: string): string {
  const lines = linesFor(completed);
  return lines.map((line) => `${indent}${line}\n`).join('');
}

function linesFor(completed: Completed): readonly string[] {
  switch (completed.kind) {
    case 'words':
      return [`COMPREPLY=($(compgen -W '${completed.words.join('\n')}' -- "$current"))`];
    case 'file':
      return ['compopt -o filenames', 'COMPREPLY=($(compgen -f -- "$current"))'];
    case 'directory':
      return ['compopt -o filenames', 'COMPREPLY=($(compgen -d -- "$current"))'];
    case 'interface':
      return listed(LIST_INTERFACES);
    case 'client':
      return listed(LIST_CLIENTS);
    case 'anything':
      return [];
    default:
      return completed satisfies never;
  }
}

/**
 * Not by `compgen -W`, which would expand and so execute what a name may hold (L2); and quoted,
 * as whoever types it has to.
 */
function listed(command: string): readonly string[] {
  return [
    'local name',
    'while IFS= read -r name; do',
    '  printf -v name %q "$name"',
    '  [[ $name != "$current"* ]] || COMPREPLY+=("$name")',
    `done < <(${command})`,
  ];
}
