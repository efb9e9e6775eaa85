import { spawn } from 'node:child_process';
import { accessSync, constants, readFileSync, readlinkSync, statSync } from 'node:fs';
import type { Cancellation } from '../../core/cancellation.ts';
import type { Log } from '../../core/log.ts';
import { bootClock } from '../../system/boot-clock.ts';
import { writeOutput } from '../../system/write-all.ts';
import { nodeFifos } from '../fifos-node.ts';
import { processIds } from '../prompt/process-search-node.ts';
import type { Daemon, SplashMachine } from './splash-machine.ts';

const STDERR = 2;

/** Node's implementation of what the plugins for splash screens need of a machine. */
export function nodeSplashMachine(log: Log, stop: Cancellation): SplashMachine {
  return {
    clock: bootClock,
    log,
    stop,
    fifos: nodeFifos,
    program: (paths) => paths.find(isProgram) ?? null,
    find: (programs) => findDaemon(programs),
    isAlive,
    signal(daemon, signal) {
      if (isAlive(daemon)) process.kill(daemon.pid, `SIG${signal}`);
    },
    run,
    launch,
    writeOutput,
  };
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

function findDaemon(programs: readonly string[]): Daemon | null {
  for (const pid of processIds()) {
    try {
      if (statSync(`/proc/${pid}`).uid !== 0) continue;
      const program = readlinkSync(`/proc/${pid}/exe`);
      if (!programs.includes(program)) continue;
      const startTime = startTimeOf(pid);
      if (startTime === null) continue;
      const [, ...args] = readFileSync(`/proc/${pid}/cmdline`, 'utf8')
        .replace(/\0$/, '')
        .split('\0');
      return { pid, startTime, program, args };
    } catch {
      // Gone, a thread of the kernel, or not ours to see.
    }
  }
  return null;
}

function isAlive({ pid, startTime }: Daemon): boolean {
  return startTimeOf(pid) === startTime;
}

/** The 22nd field of proc(5)'s stat; null for a process that has ended. */
function startTimeOf(pid: number): string | null {
  try {
    const line = readFileSync(`/proc/${pid}/stat`, 'latin1');
    // The second field is the program's name in parentheses and may hold anything.
    const fields = line.slice(line.lastIndexOf(')') + 2).split(' ');
    return fields[0] === 'Z' || fields[0] === 'X' ? null : (fields[19] ?? null);
  } catch {
    return null;
  }
}

async function run(command: readonly string[], cancel: Cancellation): Promise<number | null> {
  if (cancel.aborted) throw cancel.reason;
  const [program = '', ...args] = command;
  const { promise, resolve } = Promise.withResolvers<number | null>();
  const child = spawn(program, args, { stdio: 'inherit' });
  child.once('error', () => resolve(null));
  child.once('exit', (status) => resolve(status));
  const stop = (): void => void child.kill('SIGTERM');
  cancel.addEventListener('abort', stop, { once: true });
  const status = await promise;
  cancel.removeEventListener('abort', stop);
  if (cancel.aborted) throw cancel.reason;
  return status;
}

function launch(program: string, args: readonly string[]): Promise<void> {
  // Root through and through where we may: a daemon has no use for our real user ID.
  const ids = process.geteuid?.() === 0 ? { uid: 0, gid: 0 } : {};
  const child = spawn(program, [...args], {
    cwd: '/',
    detached: true,
    stdio: ['inherit', STDERR, 'inherit'],
    ...ids,
  });
  child.unref();
  return new Promise((resolve) => {
    child.once('error', () => resolve());
    child.once('exit', () => resolve());
  });
}
