import { type ChildProcess, spawn } from 'node:child_process';
import { MandosError } from '../../core/error.ts';
import { closeDescriptor } from '../../native/libc.ts';
import { withRealIds } from '../../native/libc-identity.ts';
import { pipe } from '../../native/libc-processes.ts';
import type { Command } from '../../system/own-program.ts';
import { systemErrorCode } from '../../system/system-error.ts';
import { readSecretPipe, type SecretPipe } from '../secret-pipe-node.ts';
import type { Racer, RacerEnd, RacerRun } from './racer.ts';

/** As whom a plugin runs. */
export type PluginIdentity =
  /** As whoever runs the runner. */
  | { readonly kind: 'same' }
  /** As this user and group through and through, without further groups. */
  | { readonly kind: 'ordinary'; readonly user: number; readonly group: number }
  /** As root, and with these real IDs: as if its file were set-user-ID. */
  | { readonly kind: 'privileged'; readonly user: number; readonly group: number };

export interface PluginCommand {
  readonly name: string;
  readonly command: Command;
  readonly args: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  readonly identity: PluginIdentity;
}

/** How long something a plugin left behind may keep its output open after the plugin's end. */
const LEFT_OPEN_MILLISECONDS = 500;

/**
 * A plugin as a process: standard input and error are the runner's, standard output is a
 * pipe, and nothing else of the runner's is open in it. It leads a session of its own, so
 * that stopping it reaches what it has started, and what leaves that session on purpose (the
 * daemon that a plugin starts again) is spared.
 */
export function pluginProcess(command: PluginCommand, told: (line: string) => void): Racer {
  return { name: `plugin ${command.name}`, start: () => startPlugin(command, told) };
}

function startPlugin(command: PluginCommand, told: (line: string) => void): RacerRun {
  const { readEnd, writeEnd } = pipe();
  const output = readSecretPipe(readEnd);
  let child: ChildProcess;
  try {
    child = spawnAs(command, writeEnd);
  } catch (cause) {
    output.abandon();
    throw new MandosError('program', `cannot be started (${reasonOf(cause)})`, { cause });
  } finally {
    closeDescriptor(writeEnd);
  }
  if (child.pid !== undefined) told(`plugin ${command.name} is process ${child.pid}`);
  return {
    ended: endOf(child, output),
    stop: () => {
      child.once('exit', () => signalGroup(child, 'SIGTERM'));
      child.kill('SIGTERM');
      // A stopped process acts on TERM only when it goes on.
      child.kill('SIGCONT');
    },
    kill: () => signalGroup(child, 'SIGKILL'),
  };
}

function spawnAs(command: PluginCommand, output: number): ChildProcess {
  const { identity } = command;
  switch (identity.kind) {
    case 'same':
      return spawnPlugin(command, output, {});
    case 'ordinary':
      // Node takes 32 bits with a sign, and the kernel the same bits without.
      return spawnPlugin(command, output, { uid: identity.user | 0, gid: identity.group | 0 });
    case 'privileged': {
      const now = { user: process.getuid?.() ?? 0, group: process.getgid?.() ?? 0 };
      return withRealIds(identity, now, () => spawnPlugin(command, output, {}));
    }
    default:
      return identity satisfies never;
  }
}

function spawnPlugin(
  { command: { path, args: first, argv0 = path }, args, environment }: PluginCommand,
  output: number,
  ids: { readonly uid?: number; readonly gid?: number },
): ChildProcess {
  return spawn(path, [...first, ...args], {
    argv0,
    env: environment,
    stdio: ['inherit', output, 'inherit'],
    detached: true,
    ...ids,
  });
}

async function endOf(child: ChildProcess, output: SecretPipe): Promise<RacerEnd> {
  const { promise, resolve } = Promise.withResolvers<RacerEnd | null>();
  child.once('error', (error) =>
    resolve({ kind: 'failed', status: null, why: `could not be started (${reasonOf(error)})` }),
  );
  child.once('exit', (status, signal) => {
    if (signal !== null) resolve({ kind: 'failed', status: null, why: `was ended by ${signal}` });
    else if (status !== 0) {
      resolve({ kind: 'failed', status, why: `ended with exit status ${status}` });
    } else resolve(null);
  });
  const failure = await promise;
  if (failure !== null) {
    output.abandon();
    return failure;
  }
  const password = await output.end(LEFT_OPEN_MILLISECONDS);
  if (password !== null) return { kind: 'password', password };
  return { kind: 'failed', status: 0, why: 'wrote more than any password' };
}

/** The plugin, and what it has started and not cut loose, also after it has ended itself. */
function signalGroup({ pid }: ChildProcess, signal: NodeJS.Signals): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, signal);
  } catch {
    // Nobody is left, or all have become another user's.
  }
}

function reasonOf(error: unknown): string {
  return systemErrorCode(error) ?? (error instanceof Error ? error.message : String(error));
}
