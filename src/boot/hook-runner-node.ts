import { type ChildProcess, spawn } from 'node:child_process';
import { readdirSync, statSync } from 'node:fs';
import type { Cancellation } from '../core/cancellation.ts';
import { MandosError } from '../core/error.ts';
import { raised, raisedUser } from '../system/raised.ts';
import type { FileFacts, HookRunner } from './network-hooks.ts';

const STDERR = 2;

/** From TERM to KILL. */
const GRACE_MILLISECONDS = 2000;

/** Runs network hooks on this machine. */
export const nodeHooks: HookRunner = {
  get user() {
    return raisedUser();
  },
  facts: (path) => raised(() => factsOf(path)),
  names: (folder) => raised(() => readdirSync(folder)),
  run: runHook,
};

function factsOf(path: string): FileFacts | null {
  try {
    const stat = statSync(path, { throwIfNoEntry: false });
    if (stat === undefined) return null;
    const kind = stat.isFile() ? 'file' : stat.isDirectory() ? 'folder' : 'other';
    const { uid: owner, gid: group, mode } = stat;
    // access(2) would answer for the real user, who does not run it.
    const executable = (mode & 0o111) !== 0;
    return { kind, owner, group, mode: mode & 0o7777, executable };
  } catch (cause) {
    throw new MandosError('file-unreadable', `cannot look at '${path}' (${codeOf(cause)})`, {
      cause,
    });
  }
}

async function runHook(
  path: string,
  argument: string,
  environment: Readonly<Record<string, string>>,
  cancel: Cancellation,
): Promise<string | null> {
  if (cancel.aborted) return 'it was not run';
  const child = start(path, argument, environment);
  const { promise, resolve } = Promise.withResolvers<string | null>();
  child.once('error', (cause) => resolve(`cannot run it (${codeOf(cause)})`));
  child.once('exit', (code, signal) => resolve(outcomeOf(code, signal)));
  let timer: NodeJS.Timeout | null = null;
  const cut = (): void => {
    signalGroup(child, 'SIGTERM');
    timer = setTimeout(() => signalGroup(child, 'SIGKILL'), GRACE_MILLISECONDS);
  };
  cancel.addEventListener('abort', cut, { once: true });
  try {
    return await promise;
  } finally {
    cancel.removeEventListener('abort', cut);
    if (timer !== null) clearTimeout(timer);
  }
}

/** As root through and through, where this program may be; in a process group of its own. */
function start(
  path: string,
  argument: string,
  environment: Readonly<Record<string, string>>,
): ChildProcess {
  return raised(() =>
    spawn(path, [argument], {
      env: { ...process.env, ...environment },
      // Standard output is the password's alone.
      stdio: ['ignore', STDERR, STDERR],
      detached: true,
      ...(process.geteuid?.() === 0 ? { uid: 0, gid: 0 } : {}),
    }),
  );
}

function signalGroup({ pid }: ChildProcess, signal: NodeJS.Signals): void {
  if (pid === undefined) return;
  try {
    raised(() => process.kill(-pid, signal));
  } catch {
    // It has ended.
  }
}

function outcomeOf(code: number | null, signal: NodeJS.Signals | null): string | null {
  if (code === 0) return null;
  return code === null ? `it was ended by ${signal}` : `it ended with exit status ${code}`;
}

function codeOf(cause: unknown): string {
  return cause instanceof Error && 'code' in cause ? String(cause.code) : String(cause);
}
