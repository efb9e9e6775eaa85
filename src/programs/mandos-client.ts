/** mandos-client(8mandos): gets the password from a Mandos server and writes it out. */
import { type ClientJob, readClientJob } from '../boot/client-options-node.ts';
import type { ClientSettings } from '../boot/client-settings.ts';
import { fetchPassword } from '../boot/fetch-password.ts';
import { nodePlatform } from '../boot/platform-node.ts';
import { pluginLog } from '../boot/plugin-log-node.ts';
import { keepMemoryPrivate, tellError } from '../boot/plugin-program-node.ts';
import { prepareMachine } from '../boot/prepare-machine-node.ts';
import { ExitStatus, MandosError } from '../core/error.ts';
import type { Log } from '../core/log.ts';
import { interruptible } from '../system/interruptible.ts';
import { writeOutput } from '../system/write-all.ts';

export async function main(args: readonly string[]): Promise<number> {
  const log = pluginLog('mandos-client', 'error');
  const status = await run(args, log);
  // At once, whatever is still under way: libraries keep copies of what they saw (S4).
  process.exit(status);
}

async function run(args: readonly string[], log: Log): Promise<number> {
  try {
    const job: ClientJob = readClientJob(args);
    if (job.kind === 'print') {
      await writeOutput(job.text);
      return ExitStatus.usage; // 0 would make a password of it (C2)
    }
    return await interruptible((stop) => fetch(job.settings, stop));
  } catch (error) {
    tellError(error, log);
    return error instanceof MandosError ? error.exitCode : ExitStatus.software;
  }
}

async function fetch(settings: ClientSettings, stop: AbortSignal): Promise<number> {
  const log = pluginLog('mandos-client', settings.debug ? 'debug' : 'warning');
  // First: to change the user would change what is said of dumps.
  prepareMachine(settings.keyFiles, log);
  keepMemoryPrivate(log);
  await fetchPassword(settings, nodePlatform(log, stop));
  return 0;
}
