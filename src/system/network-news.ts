/** Hearing from the kernel that network interfaces or addresses have changed (rtnetlink(7)). */
import { after, type Clock, milliseconds } from '../core/time.ts';
import { closeDescriptor, SystemCallError } from '../native/libc.ts';
import { NewsGroup, openNetworkNews, takeNetworkNews } from '../native/netlink.ts';

/** A storm of changes, such as a cable with a bad contact, makes one call in this time. */
const CALM = milliseconds(10);

const ALL = NewsGroup.link | NewsGroup.ipv4Address | NewsGroup.ipv6Address;

/**
 * Calls `changed` soon after each change, until it is disposed of. Node can wait for no such
 * socket, so the kernel sends a signal.
 * @returns null where the kernel does not tell
 */
export function watchNetworkNews(clock: Clock, changed: () => void): Disposable | null {
  let callOff: (() => void) | null = null;
  let descriptor: number | null = null;
  const tell = (): void => {
    callOff = null;
    if (descriptor === null || !takeNetworkNews(descriptor)) return;
    callOff = clock.at(after(clock.now(), CALM), tell);
    changed();
  };
  // It stays: a signal may still be under way when the socket is closed.
  process.on('SIGIO', () => {
    if (callOff === null) tell();
  });
  try {
    descriptor = openNetworkNews(ALL);
  } catch (error) {
    if (!(error instanceof SystemCallError)) throw error;
    return null;
  }
  return {
    [Symbol.dispose]() {
      if (descriptor === null) return;
      closeDescriptor(descriptor);
      descriptor = null;
      callOff?.();
    },
  };
}
