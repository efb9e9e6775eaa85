/** plugin-runner(8mandos): runs plugins and passes on the password of the first that has one. */
import { readFileSync } from 'node:fs';
import { ownPrograms } from '../boot/own-programs-node.ts';
import { keepMemoryPrivate, tellError } from '../boot/plugin-program-node.ts';
import { trustChain } from '../boot/runner/plugin-directory-node.ts';
import { reasonToDistrust } from '../boot/runner/plugin-safety.ts';
import { passOnPassword, runPlugins } from '../boot/runner/run-plugins.ts';
import { nodeRunnerMachine, runnerLog } from '../boot/runner/runner-machine-node.ts';
import { type RunnerJob, readRunnerJob } from '../boot/runner/runner-options-node.ts';
import type { RunnerSettings } from '../boot/runner/runner-settings.ts';
import { ExitStatus, MandosError } from '../core/error.ts';
import type { Log } from '../core/log.ts';
import { keepDescriptorsPrivate } from '../native/libc-descriptors.ts';
import { interruptible } from '../system/interruptible.ts';
import { openRegularFile } from '../system/regular-file.ts';
import { systemErrorCode } from '../system/system-error.ts';
import { writeOutput } from '../system/write-all.ts';

/** Our own programs that may be plugins. */
const PLUGINS = [
  ...['askpass-fifo', 'mandos-client', 'password-prompt', 'plymouth', 'splashy', 'usplash'],
];

const LARGEST_CONFIG = 1_048_576;

export async function main(args: readonly string[]): Promise<number> {
  // At once, whatever is still open: it held a password (S4).
  process.exit(await run(args, runnerLog('warning')));
}

async function run(args: readonly string[], log: Log): Promise<number> {
  let settings: RunnerSettings | null = null;
  let status: number = ExitStatus.ok;
  try {
    const job: RunnerJob = readRunnerJob(args, (path) => readConfig(path, log));
    if (job.kind === 'print') {
      await writeOutput(job.text);
      return ExitStatus.ok;
    }
    settings = job.settings;
  } catch (error) {
    tellError(error, log);
    status = error instanceof MandosError ? error.exitCode : ExitStatus.software;
  }
  try {
    return await interruptible(async (stop) => {
      const ownLog = runnerLog(settings?.debug ? 'debug' : 'warning');
      prepare(ownLog);
      const machine = nodeRunnerMachine(ownLog, stop, ownPrograms(PLUGINS));
      if (settings !== null) return await runPlugins(settings, machine);
      // Options nobody understands: a person can still unlock the disk.
      await passOnPassword([], machine);
      return status;
    });
  } catch (error) {
    tellError(error, log);
    return error instanceof MandosError ? error.exitCode : ExitStatus.software;
  }
}

function prepare(log: Log): void {
  keepMemoryPrivate(log);
  if (!keepDescriptorsPrivate()) log.log('debug', 'open descriptors cannot be kept from plugins');
  // Otherwise they would end it and leave the plugins behind.
  for (const signal of ['SIGUSR1', 'SIGUSR2', 'SIGPIPE'] as const) {
    process.on(signal, () => undefined);
  }
}

/** A file that cannot be used is told, and the plugins run without what it says. */
function readConfig(path: string, log: Log): string | null {
  try {
    const distrust = reasonToDistrust(trustChain(path), process.geteuid?.() ?? 0);
    if (distrust !== null) {
      log.log('error', `ignoring the configuration file: ${distrust}`);
      return null;
    }
    using file = openRegularFile(path);
    if (file.size <= LARGEST_CONFIG) return readFileSync(file.descriptor, 'utf8');
    log.log('error', `ignoring '${path}': it is larger than ${LARGEST_CONFIG} bytes`);
  } catch (error) {
    const reason = systemErrorCode(error);
    if (reason === 'ENOENT') return null;
    if (reason === undefined && !(error instanceof MandosError)) throw error;
    log.log('error', `ignoring the configuration file '${path}' (${reason ?? 'no file'})`);
  }
  return null;
}
