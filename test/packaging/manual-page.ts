/** The manual pages as the tests read them: packaging/man/NAME.SECTION.md. */
import { readdirSync, readFileSync } from 'node:fs';
import { inRepository } from '../support/repository.ts';

const FOLDER = inRepository('packaging/man');

export interface ManualPage {
  /** Such as `mandos`. */
  readonly name: string;
  /** Such as `8` or `8mandos`. */
  readonly section: string;
  readonly text: string;
}

export function manualPages(): readonly ManualPage[] {
  return readdirSync(FOLDER)
    .filter((file) => file.endsWith('.md'))
    .map((file) => {
      const [, name = '', section = ''] = /^(.+)\.([0-9][a-z]*)\.md$/.exec(file) ?? [];
      return { name, section, text: readFileSync(`${FOLDER}/${file}`, 'utf8') };
    });
}

export function manualPage(name: string): ManualPage {
  const [page, ...others] = manualPages().filter((one) => one.name === name);
  if (page === undefined || others.length > 0) throw new Error(`${name} has no or many pages`);
  return page;
}

/** The part below a heading, with what is below its subheadings; empty when there is none. */
export function part({ text }: ManualPage, heading: string): string {
  const lines = text.split('\n');
  const start = lines.findIndex((line) => line.replace(/^#+ /, '') === heading && line[0] === '#');
  if (start < 0) return '';
  const level = /^#+/.exec(lines[start] ?? '')?.[0].length ?? 0;
  const rest = lines.slice(start + 1);
  const end = rest.findIndex((line) => (/^(#+) /.exec(line)?.[1]?.length ?? 99) <= level);
  return rest.slice(0, end < 0 ? undefined : end).join('\n');
}

/** The terms of the definition lists in a part, without emphasis. */
export function terms(text: string): readonly string[] {
  const lines = text.split('\n');
  return lines
    .filter((line, index) => line !== '' && lines[index + 1]?.startsWith(':   '))
    .map((line) => line.replaceAll(/\\?\*/g, ''));
}
