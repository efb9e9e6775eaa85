/** Completions for fish. */
import {
  type Completed,
  type CompletedProgram,
  LIST_CLIENTS,
  LIST_INTERFACES,
} from './completed-program.ts';

/** The file for /usr/share/fish/vendor_completions.d/NAME.fish. */
export function fishCompletion({ name, options, operands }: CompletedProgram): string {
  const lines = options.map(({ long, short, description, value }) => {
    const names = `${short === undefined ? '' : ` -s ${short}`} -l ${long}`;
    const values = value === null ? '' : ` ${following(value.completed)}`;
    return `complete -c ${name}${names}${values} -d ${quoted(description)}`;
  });
  const operand = operands === null ? '' : ` -a ${quoted(`(${list(operands)})`)}`;
  return `# Completion of ${name} for fish; made by scripts/completions.ts.
complete -c ${name} -f${operand}
${lines.join('\n')}
`;
}

function following(completed: Completed): string {
  switch (completed.kind) {
    case 'words':
      return `-x -a ${quoted(completed.words.join(' '))}`;
    case 'file':
      return '-r -F';
    case 'directory':
    case 'interface':
    case 'client':
      return `-x -a ${quoted(`(${list(completed)})`)}`;
    case 'anything':
      return '-x';
    default:
      return completed satisfies never;
  }
}

function list(completed: Completed): string {
  switch (completed.kind) {
    case 'interface':
      return LIST_INTERFACES;
    case 'client':
      return LIST_CLIENTS;
    case 'directory':
      return '__fish_complete_directories';
    default:
      throw new TypeError(`no command lists ${completed.kind}`);
  }
}

/** Between single quotes fish knows two escapes. */
function quoted(text: string): string {
  return `'${text.replaceAll(/[\\']/g, '\\$&')}'`;
}
