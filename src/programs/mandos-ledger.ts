/** mandos-ledger: prints who was locked out, enabled, added and removed, and when (F1). */
import { action, asText, type ProgramDeclaration, value } from '../config/option-declaration.ts';
import { parseCommandLine } from '../config/options.ts';
import { SERVER_DEFAULTS } from '../config/server-settings.ts';
import { ExitStatus, MandosError } from '../core/error.ts';
import { VERSION } from '../core/version.ts';
import { ledgerLines } from '../server/store/ledger-text.ts';
import { safeLine } from '../system/log-text.ts';

const OPTIONS = {
  statedir: value({
    long: 'statedir',
    valueName: 'DIRECTORY',
    parse: asText,
    description: `the state directory of the server (${SERVER_DEFAULTS.stateDirectory})`,
  }),
  help: action('help', { long: 'help', short: 'h', description: 'show this help and exit' }),
  version: action('version', { long: 'version', short: 'V', description: 'show the version' }),
};

/** The command line of mandos-ledger(8). */
export const LEDGER_PROGRAM: ProgramDeclaration<typeof OPTIONS> = {
  name: 'mandos-ledger',
  version: VERSION,
  purpose: 'Print who was locked out, enabled, added and removed, and when.',
  habits: 'getopt',
  misuseStatus: ExitStatus.usage,
  options: OPTIONS,
};

export async function main(args: readonly string[]): Promise<number> {
  try {
    const commandLine = parseCommandLine(LEDGER_PROGRAM, args);
    if (commandLine.kind === 'print') {
      process.stdout.write(commandLine.text);
      return 0;
    }
    const directory = commandLine.values.statedir ?? SERVER_DEFAULTS.stateDirectory;
    for (const line of ledgerLines(directory)) process.stdout.write(`${safeLine(line)}\n`);
    return 0;
  } catch (error) {
    if (!(error instanceof MandosError)) throw error;
    process.stderr.write(`mandos-ledger: ${error.message}\n`);
    if (error.hint !== undefined) process.stderr.write(`mandos-ledger: hint: ${error.hint}\n`);
    return error.exitCode;
  }
}
