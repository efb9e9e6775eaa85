import { readdirSync, readFileSync } from 'node:fs';

/** What the kernel's table of processes (proc(5)) tells about one. */
export interface ProcessStatus {
  readonly parent: number;
  readonly group: number;
  readonly session: number;
  readonly zombie: boolean;
}

/** Null when it has gone or cannot be seen. */
export function processStatus(pid: number): ProcessStatus | null {
  const line = read(`/proc/${pid}/stat`);
  if (line === null) return null;
  // The second field is the program's name in parentheses and may hold anything.
  const [state, ...ids] = line.slice(line.lastIndexOf(')') + 2).split(' ', 4);
  const [parent = 0, group = 0, session = 0] = ids.map(Number);
  return { parent, group, session, zombie: state === 'Z' || state === 'X' };
}

/** The soft limit on file locks; Infinity for none, null when the process cannot be seen. */
export function fileLockLimit(pid: number): number | null {
  const word = read(`/proc/${pid}/limits`)?.match(/^Max file locks +(\S+)/m)?.[1];
  if (word === undefined) return null;
  return word === 'unlimited' ? Number.POSITIVE_INFINITY : Number(word);
}

/**
 * The children of a process's main thread: those it started there, and all that it adopted
 * (the kernel hands orphans to the first thread of a sub-reaper).
 */
export function childrenOf(pid: number): number[] {
  const list = read(`/proc/${pid}/task/${pid}/children`);
  if (list !== null) return list.split(' ').filter(Boolean).map(Number);
  // A kernel built without that file (CONFIG_PROC_CHILDREN).
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((other) => processStatus(other)?.parent === pid);
}

/** How the kernel says that a process has gone, or is not for us to see (hidepid, proc(5)). */
const OUT_OF_SIGHT: ReadonlySet<unknown> = new Set(['ENOENT', 'ESRCH', 'EACCES', 'EPERM']);

/** Null when it is out of sight. Throws when the failure is ours: no descriptor left, say. */
function read(path: string): string | null {
  try {
    return readFileSync(path, 'latin1');
  } catch (error) {
    if (error instanceof Error && 'code' in error && OUT_OF_SIGHT.has(error.code)) return null;
    throw error;
  }
}
