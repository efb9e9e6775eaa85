/** The SSH host key of this machine, to be asked for by a checker on the server. */
import { execFile } from 'node:child_process';

export interface SshHostKey {
  /** What ssh-keyscan was asked for. */
  readonly scanType: ScanType;
  /** What it answered with, for example ssh-ed25519. */
  readonly type: string;
  /** Base64. */
  readonly key: string;
}

/** Most wanted first. */
const SCAN_TYPES = ['ed25519', 'ecdsa', 'rsa'] as const;
export type ScanType = (typeof SCAN_TYPES)[number];

/** Nothing listens, or it answers: on this machine itself either takes no time. */
const PATIENCE = 10_000;

/**
 * Asks the SSH server on this machine for a host key, through ssh-keyscan(1). Undefined when
 * there is no such program, no server, or no answer in `patience` milliseconds. Throws the
 * signal's reason when that is aborted.
 */
export async function findSshHostKey(
  signal: AbortSignal,
  patience = PATIENCE,
): Promise<SshHostKey | undefined> {
  const ending = AbortSignal.any([signal, AbortSignal.timeout(patience)]);
  for (const scanType of SCAN_TYPES) {
    const output = await keyscan(scanType, ending);
    signal.throwIfAborted();
    if (output === undefined) return undefined;
    const found = parseKeyscan(output, scanType);
    if (found !== undefined) return found;
  }
  return undefined;
}

/**
 * The first host key in ssh-keyscan's output. Lines with `#` tell the server's version;
 * OpenSSH 9.8 and later write them to standard output, older ones elsewhere.
 */
export function parseKeyscan(output: string, scanType: ScanType): SshHostKey | undefined {
  for (const line of output.split('\n')) {
    const match = /^[^#\s]\S* ([a-z0-9@.-]{1,100}) ([A-Za-z0-9+/]{16,}={0,2})\s*$/.exec(line);
    const [, type, key] = match ?? [];
    if (type !== undefined && key !== undefined) return { scanType, type, key };
  }
  return undefined;
}

/** What ssh-keyscan writes, or undefined when asking again has no point. */
function keyscan(scanType: ScanType, ending: AbortSignal): Promise<string | undefined> {
  const args = ['-T', '5', '-t', scanType, 'localhost'];
  const options = { killSignal: 'SIGKILL', maxBuffer: 64 * 1024, signal: ending } as const;
  return new Promise((resolve) => {
    execFile('ssh-keyscan', args, options, (error, stdout) => {
      const hopeless = ending.aborted || error?.code === 'ENOENT';
      // Its status is 1 when any address refused; what it found is good all the same.
      resolve(hopeless ? undefined : stdout);
    });
  });
}
