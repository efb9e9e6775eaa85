import { CancellationSource, orCancelled } from '../core/cancellation.ts';
import { after, seconds } from '../core/time.ts';
import type { ClientSettings } from './client-settings.ts';
import { findPassword } from './find-password.ts';
import type { Platform } from './platform.ts';

/** How long a password may still go out when the program is told to end in the middle of it. */
const LAST_WORDS = seconds(1);

/**
 * The whole of mandos-client(8mandos): keys, servers, blob, password on standard output.
 * What is written is the password, exactly and whole; and nothing unless there is one.
 * Otherwise as `findPassword`.
 */
export async function fetchPassword(settings: ClientSettings, platform: Platform): Promise<void> {
  await findPassword(settings, platform, async (password) => {
    await writeWhole(platform, password.bytes);
  });
}

/**
 * Once begun the password is written to its end, also when a signal comes; unless its
 * reader does not read, which must not keep the program from ending.
 */
async function writeWhole(platform: Platform, bytes: Uint8Array): Promise<void> {
  const { clock, stop } = platform;
  const giveUp = new CancellationSource();
  let callOff = (): void => undefined;
  const halt = (): void => {
    callOff = clock.at(after(clock.now(), LAST_WORDS), () => giveUp.abort(stop.reason));
  };
  stop.addEventListener('abort', halt, { once: true });
  try {
    await orCancelled(platform.writeOutput(bytes), giveUp);
  } finally {
    stop.removeEventListener('abort', halt);
    callOff();
  }
  if (stop.aborted) throw stop.reason;
}
