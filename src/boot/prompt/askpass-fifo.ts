import type { Cancellation } from '../../core/cancellation.ts';
import type { Log } from '../../core/log.ts';
import type { Password } from '../../core/secret.ts';
import type { Fifos } from '../fifos.ts';

/** Where cryptsetup's askpass, and so this plugin, listens (askpass-fifo(8mandos)). */
export const PASS_FIFO = '/lib/cryptsetup/passfifo';

/**
 * Waits for a password from the FIFO. A writer that writes nothing, as a mistyped command
 * does, is not taken for a password.
 * @returns the receiver's to wipe
 * @throws as `Fifos`
 */
export async function passwordFromFifo(
  path: string,
  fifos: Fifos,
  log: Log,
  cancel: Cancellation,
): Promise<Password> {
  for (;;) {
    fifos.make(path);
    log.log('debug', `waiting for a password from '${path}'`);
    const password = await fifos.read(path, cancel);
    if (password.bytes.length > 0) return password;
  }
}
