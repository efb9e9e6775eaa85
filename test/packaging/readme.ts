/** README.md as its reader runs it: code blocks, each with the machine it is for. */
import { readFileSync } from 'node:fs';
import { inRepository } from '../support/repository.ts';

export interface CodeBlock {
  /** Behind `sh` in the block's first line. */
  readonly machine: string;
  /** A command each. */
  readonly lines: readonly string[];
}

export function readmeText(): string {
  return readFileSync(inRepository('README.md'), 'utf8');
}

export function codeBlocks(): readonly CodeBlock[] {
  const blocks = readmeText().matchAll(/^```(\S*) ?(\S*)\n([\s\S]*?)^```$/gm);
  return Array.from(blocks, ([, language, machine = '', content = '']) => {
    if (language !== 'sh') throw new Error(`a code block of README.md is no sh: ${content}`);
    return { machine, lines: content.trim().split('\n') };
  });
}
