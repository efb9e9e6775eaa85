import { asciiBytes, concat } from '../../core/bytes.ts';
import { CancellationSource } from '../../core/cancellation.ts';
import { ExitStatus, MandosError } from '../../core/error.ts';
import { after, seconds } from '../../core/time.ts';
import { type Disk, diskText } from '../prompt/prompt-text.ts';
import { endDaemon, launchDaemon } from './put-back.ts';
import type { SplashMachine } from './splash-machine.ts';

const DAEMON = ['/sbin/usplash', '/usr/sbin/usplash'];
const COMMANDS = '/dev/.initramfs/usplash_fifo';
const ANSWERS = '/dev/.initramfs/usplash_outfifo';

/** How long the new usplash may take to listen; then it goes on without the last command. */
const LISTEN_WAIT = seconds(2);

/**
 * Has usplash ask for the password, and writes it to standard output (usplash(8mandos)).
 * When the plugin is told to end, usplash is started anew, as its question cannot be taken
 * back.
 * @throws MandosError `unsupported` (status 69) when usplash does not run; as `Fifos`; the
 *   reason of `machine.stop`
 */
export async function askUsplash(disk: Disk, machine: SplashMachine): Promise<void> {
  const { fifos, log, stop } = machine;
  // What only matters to the screen does not keep the password.
  const tellProblem = (problem: unknown): void =>
    log.log('debug', `usplash does not listen (${String(problem)})`);
  const daemon = machine.find(DAEMON);
  if (daemon === null) {
    throw new MandosError('unsupported', 'usplash is not running', {
      exitCode: ExitStatus.unavailable,
    });
  }
  using commands = await fifos.openWriter(COMMANDS, stop);
  await commands.write(command('TIMEOUT 0'), stop);
  try {
    const question = `INPUTQUIET Enter passphrase to unlock ${diskText(disk)}: `;
    await commands.write(command(question), stop);
    using password = await fifos.read(ANSWERS, stop);
    await commands.write(command('TIMEOUT 15'), stop).catch(tellProblem);
    await machine.writeOutput(password.bytes);
  } catch (error) {
    if (!stop.aborted) throw error;
    log.log('debug', 'starting usplash anew to take the question off the screen');
    await endDaemon(daemon, machine);
    await launchDaemon(daemon.program, daemon.args, machine);
    await animate(machine).catch(tellProblem);
    throw error;
  }
}

/** Has a usplash that was just started show that something goes on. */
async function animate({ clock, fifos }: SplashMachine): Promise<void> {
  const limit = new CancellationSource();
  const callOff = clock.at(after(clock.now(), LISTEN_WAIT), () =>
    limit.abort(new MandosError('deadline', 'nobody reads')),
  );
  try {
    using commands = await fifos.openWriter(COMMANDS, limit);
    await commands.write(command('PULSATE'), limit);
  } finally {
    callOff();
  }
}

/** A command of usplash's ends with a NUL. */
function command(text: string): Uint8Array {
  const ascii = text.replace(/[^\u0020-\u007e]/g, '?');
  return concat([asciiBytes(ascii), Uint8Array.of(0)]);
}
