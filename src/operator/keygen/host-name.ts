import { execFile } from 'node:child_process';
import { hostname } from 'node:os';

/**
 * This machine's fully qualified name, from `hostname --fqdn`, which asks the resolver; its
 * plain name when that does not answer in a few seconds.
 */
export function fullHostName(signal: AbortSignal): Promise<string> {
  return new Promise((resolve, reject) => {
    execFile('hostname', ['--fqdn'], { timeout: 5000, signal }, (error, stdout) => {
      if (signal.aborted) reject(signal.reason);
      else resolve(error === null && stdout.trim() !== '' ? stdout.trim() : hostname());
    });
  });
}
