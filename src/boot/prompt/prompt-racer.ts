import { type Cancellation, CancellationSource } from '../../core/cancellation.ts';
import { MandosError } from '../../core/error.ts';
import type { Log } from '../../core/log.ts';
import type { Password } from '../../core/secret.ts';
import type { Racer, RacerEnd } from '../runner/racer.ts';

/**
 * A prompt that races in the runner's own process: a process for it would cost the runtime a
 * second time, and the prompt would be there later.
 * @param ask as `promptForPassword`; null when nobody can be asked
 */
export function promptRacer(
  name: string,
  log: Log,
  ask: (cancel: Cancellation) => Promise<Password | null>,
): Racer {
  return {
    name,
    start: () => {
      const cancel = new CancellationSource();
      const stop = (): void => cancel.abort(new MandosError('cancelled', 'was stopped'));
      return { ended: endOf(ask(cancel), log), stop, kill: stop };
    },
  };
}

async function endOf(asking: Promise<Password | null>, log: Log): Promise<RacerEnd> {
  try {
    const password = await asking;
    if (password !== null) return { kind: 'password', password };
    return { kind: 'failed', status: 1, why: 'could not ask anybody' };
  } catch (error) {
    // Whatever it is, the other plugins go on.
    if (!(error instanceof MandosError)) {
      log.log('error', `a prompt failed: ${String(error)}`);
      return { kind: 'failed', status: 1, why: 'failed' };
    }
    const why = `ended: ${error.message}`;
    if (error.code === 'refused') return { kind: 'gave way', why };
    return { kind: 'failed', status: error.exitCode, why };
  }
}
