import { ExitStatus, MandosError } from '../../core/error.ts';
import { type Disk, diskText } from '../prompt/prompt-text.ts';
import { endDaemon, launchDaemon } from './put-back.ts';
import type { SplashMachine } from './splash-machine.ts';

const DAEMON = ['/sbin/splashy', '/usr/sbin/splashy'];
const UPDATE = '/sbin/splashy_update';

/**
 * Has Splashy ask for the password; `splashy_update` writes it to standard output itself
 * (splashy(8mandos)). When the plugin is told to end, Splashy is started anew, as its question
 * cannot be taken back.
 * @throws as `askPlymouth`
 */
export async function askSplashy(disk: Disk, machine: SplashMachine): Promise<void> {
  const { log, stop } = machine;
  const daemon = machine.find(DAEMON);
  if (daemon === null) {
    throw new MandosError('unsupported', 'splashy is not running', {
      exitCode: ExitStatus.unavailable,
    });
  }
  try {
    // The command and what it is about are one argument (splashy_update(8)).
    const question = `getpass Enter passphrase to unlock ${diskText(disk)}: `;
    const status = await machine.run([UPDATE, question], stop);
    if (status === 0) return;
    throw new MandosError('program', `splashy gave no password (exit status ${status})`);
  } catch (error) {
    if (!stop.aborted) throw error;
    log.log('debug', 'starting splashy anew to take the question off the screen');
    await endDaemon(daemon, machine);
    await launchDaemon(daemon.program, ['boot'], machine);
    throw error;
  }
}
