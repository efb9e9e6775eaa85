/** What the command lines of all programs that run at boot have alike. */
import { ExitStatus } from '../core/error.ts';
import { VERSION } from '../core/version.ts';
import { action, flag, type Options, type ProgramDeclaration } from './option-declaration.ts';

/** In the forms of argp(3), which the original has. */
export const BOOT_OPTIONS = {
  help: action('help', { long: 'help', short: '?', description: 'show this help and exit' }),
  usage: action('usage', { long: 'usage', description: 'show a short usage and exit' }),
  version: action('version', {
    long: 'version',
    short: 'V',
    description: 'show the version and exit',
  }),
} satisfies Options;

export const DEBUG = flag({ long: 'debug', description: 'tell everything on standard error' });

/** A whole declaration; what is given wins over what is usual. */
export function bootProgram<O extends Options>(
  program: Pick<ProgramDeclaration<O>, 'name' | 'purpose' | 'options'> &
    Partial<ProgramDeclaration<O>>,
): ProgramDeclaration<O> {
  return { version: VERSION, habits: 'getopt', misuseStatus: ExitStatus.usage, ...program };
}
