import type { Option, Options, ProgramDeclaration } from './option-declaration.ts';

const WIDTH = 79;
const COLUMN = 24;

/** What `--help` prints: usage, purpose, then each option with its description. */
export function helpText<O extends Options>(program: ProgramDeclaration<O>): string {
  const options = shownOptions(program).map(
    (option) => [optionColumn(option), option.description ?? ''] as const,
  );
  const lines = options.flatMap(([names, description]) => {
    const [first = '', ...rest] = wrap(description, WIDTH - COLUMN);
    const indented = rest.map((line) => ' '.repeat(COLUMN) + line);
    const label = `  ${names}`;
    return label.length <= COLUMN - 2
      ? [label.padEnd(COLUMN) + first, ...indented]
      : [label, ' '.repeat(COLUMN) + first, ...indented];
  });
  const purpose = wrap(program.purpose, WIDTH).join('\n');
  return `${usageText(program)}\n${purpose}\n\nOptions:\n${lines.join('\n')}\n`;
}

/** What `--usage` prints: every option, in one wrapped line. */
export function usageText<O extends Options>(program: ProgramDeclaration<O>): string {
  const head = `Usage: ${program.name} `;
  const items = shownOptions(program).map(usageItem);
  if (program.operands !== undefined) items.push(program.operands);
  const indent = ' '.repeat(head.length);
  return `${head}${fill(items, WIDTH - head.length).join(`\n${indent}`)}\n`;
}

function shownOptions<O extends Options>(program: ProgramDeclaration<O>): Option[] {
  return Object.values(program.options).filter((option) => option.description !== undefined);
}

function optionColumn(option: Option): string {
  const name = 'valueName' in option ? `--${option.long}=${option.valueName}` : `--${option.long}`;
  return option.short === undefined ? `    ${name}` : `-${option.short}, ${name}`;
}

function usageItem(option: Option): string {
  const short = option.short === undefined ? '' : `-${option.short}|`;
  const name = 'valueName' in option ? `--${option.long}=${option.valueName}` : `--${option.long}`;
  return option.kind === 'values' ? `[${short}${name}]...` : `[${short}${name}]`;
}

function wrap(text: string, width: number): string[] {
  return fill(text.split(' '), width);
}

/** The items in lines of at most `width`, never broken inside an item. */
function fill(items: readonly string[], width: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const item of items) {
    const longer = line === '' ? item : `${line} ${item}`;
    if (longer.length > width && line !== '') {
      lines.push(line);
      line = item;
    } else {
      line = longer;
    }
  }
  return [...lines, line];
}
