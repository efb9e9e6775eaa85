/** plymouth(8mandos): has Plymouth, if it runs, ask for the password. */
import { pluginLog } from '../boot/plugin-log-node.ts';
import { runPluginProgram } from '../boot/plugin-program-node.ts';
import { readPlymouthJob } from '../boot/prompt/prompt-options-node.ts';
import { diskIn } from '../boot/prompt/prompt-text.ts';
import { askPlymouth } from '../boot/splash/plymouth.ts';
import { nodeSplashMachine } from '../boot/splash/splash-machine-node.ts';
import { ExitStatus } from '../core/error.ts';
import { writeOutput } from '../system/write-all.ts';

export async function main(args: readonly string[]): Promise<number> {
  return await runPluginProgram('plymouth', (stop) => run(args, stop));
}

async function run(args: readonly string[], stop: AbortSignal): Promise<number> {
  const job = readPlymouthJob(args);
  if (job.kind === 'print') {
    await writeOutput(job.text);
    return ExitStatus.usage; // 0 would make a password of it (C2)
  }
  const log = pluginLog('plymouth', job.debug ? 'debug' : 'warning');
  await askPlymouth(job.wishes.prompt, diskIn(process.env), nodeSplashMachine(log, stop));
  return ExitStatus.ok;
}
