/** splashy(8mandos): has splashy, if it runs, ask for the password. */
import { pluginLog } from '../boot/plugin-log-node.ts';
import { runPluginProgram } from '../boot/plugin-program-node.ts';
import { diskIn } from '../boot/prompt/prompt-text.ts';
import { nodeSplashMachine } from '../boot/splash/splash-machine-node.ts';
import { askSplashy } from '../boot/splash/splashy.ts';
import { ExitStatus } from '../core/error.ts';

/** There are no options; whatever is given means nothing, as in the original. */
export async function main(): Promise<number> {
  return await runPluginProgram('splashy', async (stop) => {
    const log = pluginLog('splashy', 'warning');
    await askSplashy(diskIn(process.env), nodeSplashMachine(log, stop));
    return ExitStatus.ok;
  });
}
