/** usplash(8mandos): has usplash, if it runs, ask for the password. */
import { pluginLog } from '../boot/plugin-log-node.ts';
import { runPluginProgram } from '../boot/plugin-program-node.ts';
import { diskIn } from '../boot/prompt/prompt-text.ts';
import { nodeSplashMachine } from '../boot/splash/splash-machine-node.ts';
import { askUsplash } from '../boot/splash/usplash.ts';
import { ExitStatus } from '../core/error.ts';

/** There are no options; whatever is given means nothing, as in the original. */
export async function main(): Promise<number> {
  return await runPluginProgram('usplash', async (stop) => {
    const log = pluginLog('usplash', 'warning');
    await askUsplash(diskIn(process.env), nodeSplashMachine(log, stop));
    return ExitStatus.ok;
  });
}
