import { type Cancellation, CancellationSource } from '../../core/cancellation.ts';
import { ExitStatus, MandosError } from '../../core/error.ts';
import { type Disk, diskText } from '../prompt/prompt-text.ts';
import { launchDaemon } from './put-back.ts';
import type { SplashMachine } from './splash-machine.ts';

const CLIENT = ['/bin/plymouth', '/usr/bin/plymouth'];
const DAEMON = ['/sbin/plymouthd', '/usr/sbin/plymouthd'];

/** How Plymouth's own scripts start it at boot. */
const USUAL_ARGS = ['--mode=boot', '--attach-to-session'];

/** What has to be done although the plugin was told to end. */
const NEVER: Cancellation = new CancellationSource();

/**
 * Has Plymouth ask for the password and write it to standard output itself, so that it never
 * gets into this process (plymouth(8mandos)). As a question cannot be taken back, Plymouth is
 * started anew when the plugin is told to end.
 * @param wish the prompt instead of the usual one, or null
 * @throws MandosError `unsupported` (status 69) when Plymouth does not run, `program` (1) when
 *   it gave nothing; the reason of `machine.stop`
 */
export async function askPlymouth(
  wish: string | null,
  disk: Disk,
  machine: SplashMachine,
): Promise<void> {
  const { log, stop } = machine;
  const client = machine.program(CLIENT);
  if (client === null) throw unavailable(`there is no ${CLIENT[0]}`);
  if ((await machine.run([client, '--ping'], stop)) !== 0) {
    throw unavailable('plymouth is not running');
  }
  const daemon = machine.find(DAEMON);
  const prompt = wish ?? `Unlocking ${diskText(disk)}\nEnter passphrase`;
  try {
    log.log('debug', 'asking by plymouth');
    const status = await machine.run([client, 'ask-for-password', `--prompt=${prompt}`], stop);
    if (status === 0) return;
    throw new MandosError('program', `plymouth gave no password (exit status ${status})`);
  } catch (error) {
    if (!stop.aborted) throw error;
    log.log('debug', 'starting plymouth anew to take the question off the screen');
    await machine.run([client, 'quit'], NEVER);
    const program = daemon?.program ?? machine.program(DAEMON) ?? '/sbin/plymouthd';
    await launchDaemon(program, daemon?.args ?? USUAL_ARGS, machine);
    await machine.run([client, 'show-splash'], NEVER);
    throw error;
  }
}

function unavailable(message: string): MandosError {
  return new MandosError('unsupported', message, { exitCode: ExitStatus.unavailable });
}
