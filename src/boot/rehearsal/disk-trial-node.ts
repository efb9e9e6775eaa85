/** Whether a password opens an encrypted disk, by cryptsetup(8); the disk stays as it is. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { type ErrorCode, ExitStatus, MandosError } from '../../core/error.ts';
import type { Password } from '../../core/secret.ts';
import { closeDescriptor } from '../../native/libc.ts';
import { pipe } from '../../native/libc-processes.ts';
import { safeLine } from '../../system/log-text.ts';
import { systemErrorCode } from '../../system/system-error.ts';
import { writeAll } from '../../system/write-all.ts';

/** As much of what it complains of as is looked at. */
const LONGEST_COMPLAINT = 4096;

/** Exit statuses of cryptsetup(8). */
const NO_PERMISSION = 2;
const OUT_OF_MEMORY = 3;

/**
 * Returns when the password opens the device. It reaches cryptsetup on its standard input,
 * byte by byte as at boot, never on a command line (S4).
 * @throws MandosError `refused` when it does not open it, `program` when that cannot be tried;
 *   the signal's reason when that is aborted
 */
export async function tryOnDisk(
  password: Password,
  device: string,
  stop: AbortSignal,
): Promise<void> {
  stop.throwIfAborted();
  const { readEnd, writeEnd } = pipe();
  let child: ChildProcess;
  try {
    child = startCryptsetup(device, readEnd);
  } finally {
    closeDescriptor(readEnd);
  }
  const complaint = collect(child);
  const ended = once(child, 'close').catch((cause: unknown) => cause);
  const kill = (): void => {
    child.kill('SIGTERM');
  };
  stop.addEventListener('abort', kill, { once: true });
  try {
    await writeAll(writeEnd, password.bytes).catch(endedEarly);
    closeDescriptor(writeEnd);
    const end = await ended;
    stop.throwIfAborted();
    if (!Array.isArray(end)) throw cannotStart(end);
    judge(device, end[0], complaint());
  } finally {
    stop.removeEventListener('abort', kill);
  }
}

function startCryptsetup(device: string, input: number): ChildProcess {
  const args = ['open', '--test-passphrase', '--key-file', '-', '--', device];
  const { PATH = '' } = process.env;
  return spawn('cryptsetup', args, {
    env: { PATH: `${PATH}:/usr/sbin:/sbin`, LC_ALL: 'C' },
    stdio: [input, 'ignore', 'pipe'],
  });
}

function collect({ stderr }: ChildProcess): () => string {
  let text = '';
  stderr?.setEncoding('utf8').on('data', (piece: string) => {
    text = (text + piece).slice(0, LONGEST_COMPLAINT);
  });
  return () => safeLine(text.trim().split('\n')[0] ?? '');
}

/** It may know before it has read all; its exit status tells. */
function endedEarly(cause: unknown): void {
  if (systemErrorCode(cause) !== 'EPIPE') throw cause;
}

function judge(device: string, status: unknown, complaint: string): void {
  if (status === 0) return;
  if (status === NO_PERMISSION) {
    throw trouble('refused', `the password does not open '${device}'`, ExitStatus.config, {
      hint: 'seal the right one with mandos-keygen --password, or add it to the disk with cryptsetup luksAddKey; a file for --passfile must not end in a newline that is no part of it',
    });
  }
  const why = complaint === '' ? `cryptsetup ended with ${String(status)}` : complaint;
  throw trouble('program', `cannot try the password on '${device}': ${why}`, ExitStatus.osFile, {
    hint:
      status === OUT_OF_MEMORY
        ? 'opening this disk takes more memory than there is'
        : 'name the encrypted device itself, as in the second field of /etc/crypttab, and run it as root',
  });
}

function cannotStart(cause: unknown): MandosError {
  const why = systemErrorCode(cause) ?? String(cause);
  return trouble('program', `cannot start cryptsetup (${why})`, ExitStatus.osFile, {
    hint: 'it is in the package cryptsetup-bin',
    cause,
  });
}

function trouble(
  code: ErrorCode,
  message: string,
  exitCode: ExitStatus,
  details: { readonly hint: string; readonly cause?: unknown },
): MandosError {
  return new MandosError(code, message, { exitCode, ...details });
}
