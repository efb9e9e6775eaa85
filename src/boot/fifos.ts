import type { Cancellation } from '../core/cancellation.ts';
import type { Password } from '../core/secret.ts';

/** FIFOs (fifo(7)) by which programs are asked and answer; `fifos-node.ts` is Node's. */
export interface Fifos {
  /**
   * Makes a FIFO for this user alone, unless there is something of that name.
   * @throws MandosError `file-unwritable`, status 69
   */
  make(path: string): void;
  /**
   * Reads all that a writer writes, waiting for one if need be. A file that somebody has
   * written there because the FIFO was not there yet is read and removed: it would be a wrong
   * password for ever if it is wrong once.
   * @returns the receiver's to wipe
   * @throws MandosError `file-missing` or `file-unreadable`, status 69; `cancel.reason`
   */
  read(path: string, cancel: Cancellation): Promise<Password>;
  /**
   * Opens a FIFO for writing, waiting for a reader if need be. Kept open, its reader sees no
   * end between what is written.
   * @throws MandosError `file-missing` or `file-unwritable`, status 69; `cancel.reason`
   */
  openWriter(path: string, cancel: Cancellation): Promise<FifoWriter>;
}

export interface FifoWriter extends Disposable {
  /** @throws MandosError `file-unwritable`, status 69; `cancel.reason` */
  write(bytes: Uint8Array, cancel: Cancellation): Promise<void>;
}
