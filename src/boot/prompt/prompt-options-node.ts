/** The command lines of password-prompt(8mandos) and of the other plugins that ask a person. */
import { BOOT_OPTIONS, bootProgram, DEBUG } from '../../config/boot-program.ts';
import { asText, type Options, value } from '../../config/option-declaration.ts';
import { parseCommandLine } from '../../config/options.ts';
import type { PromptWishes } from './prompt-text.ts';

const COMMON = {
  prompt: value({
    long: 'prompt',
    valueName: 'PROMPT',
    parse: asText,
    description: 'the prompt to show instead of the usual one',
  }),
  debug: DEBUG,
  ...BOOT_OPTIONS,
} satisfies Options;

const WITH_PREFIX = {
  prefix: value({
    long: 'prefix',
    short: 'p',
    valueName: 'PREFIX',
    parse: asText,
    description: 'shown before the prompt',
  }),
  ...COMMON,
} satisfies Options;

const PASSWORD_PROMPT = bootProgram({
  name: 'password-prompt',
  purpose: 'Asks for a password on the console and writes it to standard output.',
  options: WITH_PREFIX,
});

const PLYMOUTH = bootProgram({
  name: 'plymouth',
  purpose: 'Asks for a password by Plymouth and writes it to standard output.',
  options: COMMON,
});

export type PromptJob =
  | { readonly kind: 'run'; readonly wishes: PromptWishes; readonly debug: boolean }
  /** To be written to standard output. */
  | { readonly kind: 'print'; readonly text: string };

/** @throws MandosError `usage` */
export function readPasswordPromptJob(args: readonly string[]): PromptJob {
  const line = parseCommandLine(PASSWORD_PROMPT, args);
  if (line.kind === 'print') return line;
  const { prefix = null, prompt = null, debug } = line.values;
  return { kind: 'run', wishes: { prefix, prompt }, debug };
}

/** @throws MandosError `usage` */
export function readPlymouthJob(args: readonly string[]): PromptJob {
  const line = parseCommandLine(PLYMOUTH, args);
  if (line.kind === 'print') return line;
  const { prompt = null, debug } = line.values;
  return { kind: 'run', wishes: { prefix: null, prompt }, debug };
}
