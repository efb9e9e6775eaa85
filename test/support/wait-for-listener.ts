import { readFile } from 'node:fs/promises';
import { setTimeout as pause } from 'node:timers/promises';

const LISTEN = '0A';

/** Whether some program listens on the TCP port, by the kernel's own table (proc(5)). */
export async function isListening(port: number): Promise<boolean> {
  const wanted = `:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  for (const table of ['/proc/net/tcp6', '/proc/net/tcp']) {
    const lines = (await readFile(table, 'latin1').catch(() => '')).split('\n');
    for (const line of lines) {
      const [, local = '', , state] = line.trim().split(/\s+/);
      if (state === LISTEN && local.endsWith(wanted)) return true;
    }
  }
  return false;
}

/**
 * Waits until some program listens on the TCP port, without connecting to it: a server
 * under test would take the attempt for a peer. Fails when `program` ends first, or after
 * `timeout` milliseconds.
 */
export async function waitForListener(
  port: number,
  program: { readonly exit: Promise<unknown>; readonly stderr: string },
  timeout = 60_000,
): Promise<void> {
  const deadline = performance.now() + timeout;
  let ended = false;
  const end = (): void => {
    ended = true;
  };
  program.exit.then(end, end);
  while (!(await isListening(port))) {
    if (ended) throw new Error(`the program ended before it listened:\n${program.stderr}`);
    if (performance.now() > deadline) {
      throw new Error(`nobody listens on port ${port} after ${timeout} ms:\n${program.stderr}`);
    }
    await pause(10);
  }
}
