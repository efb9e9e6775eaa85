/** mandos-monitor(8): watches and controls the server on a terminal. */
import { action } from '../config/option-declaration.ts';
import { parseCommandLine } from '../config/options.ts';
import { ExitStatus, MandosError } from '../core/error.ts';
import { wallTime } from '../core/time.ts';
import { VERSION } from '../core/version.ts';
import { terminalKind } from '../operator/monitor/terminal-kind.ts';
import { bootClock } from '../system/boot-clock.ts';
import { interruptible } from '../system/interruptible.ts';
import { isTerminal } from '../system/terminal.ts';
import { tellPeople, writeOutput } from '../system/write-all.ts';

/** The command line of mandos-monitor(8). */
export const MONITOR_PROGRAM = {
  name: 'mandos-monitor',
  version: VERSION,
  purpose: 'Watch and control the Mandos server. Press ? for the keys.',
  habits: 'getopt',
  misuseStatus: ExitStatus.usage,
  options: {
    help: action('help', { long: 'help', short: 'h', description: 'show this help and exit' }),
    version: action('version', { long: 'version', short: 'V', description: 'show the version' }),
  },
} as const;

export async function main(args: readonly string[]): Promise<number> {
  try {
    return await run(args);
  } catch (error) {
    if (!(error instanceof MandosError)) throw error;
    tellPeople(`mandos-monitor: ${error.message}\n`);
    if (error.hint !== undefined) tellPeople(`mandos-monitor: hint: ${error.hint}\n`);
    return error.exitCode;
  }
}

async function run(args: readonly string[]): Promise<number> {
  const commandLine = parseCommandLine(MONITOR_PROGRAM, args);
  if (commandLine.kind === 'print') {
    await writeOutput(commandLine.text);
    return ExitStatus.ok;
  }
  requireTerminal(0, 'standard input');
  requireTerminal(1, 'standard output');
  const kind = terminalKind(process.env.TERM);
  const { runMonitor } = await import('../operator/monitor/run-monitor.ts');
  return await interruptible(async (signal) => {
    const wallNow = () => wallTime(Date.now());
    await runMonitor({ env: process.env, kind, clock: bootClock, wallNow, signal });
    return ExitStatus.ok;
  });
}

function requireTerminal(descriptor: number, what: string): void {
  if (isTerminal(descriptor)) return;
  throw new MandosError('unsupported', `${what} is no terminal`, {
    exitCode: ExitStatus.unavailable,
    hint: 'run it on a terminal; in scripts use mandos-ctl',
  });
}
