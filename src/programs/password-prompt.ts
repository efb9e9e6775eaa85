/** password-prompt(8mandos): asks for the password on the console and writes it out. */
import { pluginLog } from '../boot/plugin-log-node.ts';
import { runPluginProgram } from '../boot/plugin-program-node.ts';
import { promptForPassword } from '../boot/prompt/password-prompt.ts';
import { processSearch } from '../boot/prompt/process-search-node.ts';
import { readPasswordPromptJob } from '../boot/prompt/prompt-options-node.ts';
import { standardTerminal } from '../boot/prompt/prompt-terminal-node.ts';
import { diskIn } from '../boot/prompt/prompt-text.ts';
import { ExitStatus } from '../core/error.ts';
import { writeOutput } from '../system/write-all.ts';

export async function main(args: readonly string[]): Promise<number> {
  return await runPluginProgram('password-prompt', (stop) => run(args, stop));
}

async function run(args: readonly string[], stop: AbortSignal): Promise<number> {
  const job = readPasswordPromptJob(args);
  if (job.kind === 'print') {
    await writeOutput(job.text);
    return ExitStatus.usage; // 0 would make a password of it (C2)
  }
  const log = pluginLog('password-prompt', job.debug ? 'debug' : 'warning');
  const machine = { terminal: standardTerminal(), processes: processSearch, log };
  using password = await promptForPassword(job.wishes, diskIn(process.env), machine, stop);
  await writeOutput(password.bytes);
  return ExitStatus.ok;
}
