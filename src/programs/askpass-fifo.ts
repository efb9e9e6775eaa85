/** askpass-fifo(8mandos): passes on a password that is written to a FIFO. */
import { nodeFifos } from '../boot/fifos-node.ts';
import { pluginLog } from '../boot/plugin-log-node.ts';
import { runPluginProgram } from '../boot/plugin-program-node.ts';
import { PASS_FIFO, passwordFromFifo } from '../boot/prompt/askpass-fifo.ts';
import { ExitStatus } from '../core/error.ts';
import { writeOutput } from '../system/write-all.ts';

/** There are no options; whatever is given means nothing, as in the original. */
export async function main(): Promise<number> {
  return await runPluginProgram('askpass-fifo', async (stop) => {
    const log = pluginLog('askpass-fifo', 'warning');
    using password = await passwordFromFifo(PASS_FIFO, nodeFifos, log, stop);
    await writeOutput(password.bytes);
    return ExitStatus.ok;
  });
}
