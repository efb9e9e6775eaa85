import { after, type Clock, type Duration, milliseconds, seconds } from '../../core/time.ts';
import type { Daemon, SplashMachine } from './splash-machine.ts';

/** From TERM to KILL. */
export const GRACE: Duration = seconds(2);

/** How long a daemon that is started may take to put itself in the background. */
export const LAUNCH_WAIT: Duration = seconds(2);

const LOOK: Duration = milliseconds(50);

/** Ends a daemon, by force if need be. */
export async function endDaemon(daemon: Daemon, machine: SplashMachine): Promise<void> {
  const { clock } = machine;
  machine.signal(daemon, 'TERM');
  const end = after(clock.now(), GRACE);
  while (machine.isAlive(daemon)) {
    if (clock.now() >= end) {
      machine.signal(daemon, 'KILL');
      return;
    }
    await pause(clock, LOOK);
  }
}

/** Starts a daemon, and goes on when it is up or takes too long. */
export async function launchDaemon(
  program: string,
  args: readonly string[],
  machine: SplashMachine,
): Promise<void> {
  await Promise.race([machine.launch(program, args), pause(machine.clock, LAUNCH_WAIT)]);
}

export function pause(clock: Clock, duration: Duration): Promise<void> {
  return new Promise((resolve) => {
    clock.at(after(clock.now(), duration), resolve);
  });
}
