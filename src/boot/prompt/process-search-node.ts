import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { basename } from 'node:path';
import { systemErrorCode } from '../../system/system-error.ts';
import type { ProcessSearch } from './prompt-terminal.ts';

/** By /proc (proc(5)): the name the kernel knows a process by, or that of its program. */
export const processSearch: ProcessSearch = {
  pidFileHolds,
  isRunning: (name) =>
    processIds().some(
      (pid) => namesOf(pid).includes(name) && !isZombie(pid) && !isInContainer(pid),
    ),
};

/** What is in doubt holds: two who ask on one screen are worse than one. */
function pidFileHolds(path: string): boolean {
  let text: string;
  try {
    text = readFileSync(path, 'utf8').trim();
  } catch (error) {
    return systemErrorCode(error) !== 'ENOENT';
  }
  const pid = /^[1-9][0-9]{0,9}$/.test(text) ? Number(text) : null;
  return pid === null || !hasEnded(pid);
}

function hasEnded(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return isZombie(pid);
  } catch (error) {
    return systemErrorCode(error) === 'ESRCH';
  }
}

/** proc(5): what follows the program's name in parentheses, which may hold anything. */
function isZombie(pid: number): boolean {
  try {
    const line = readFileSync(`/proc/${pid}/stat`, 'latin1');
    return /^\) [ZX] /.test(line.slice(line.lastIndexOf(')')));
  } catch {
    return false;
  }
}

/** Empty without /proc. */
export function processIds(): number[] {
  try {
    return readdirSync('/proc')
      .filter((entry) => /^\d+$/.test(entry))
      .map(Number);
  } catch {
    return [];
  }
}

function namesOf(pid: number): string[] {
  const names: string[] = [];
  try {
    names.push(readFileSync(`/proc/${pid}/comm`, 'utf8').trimEnd());
    // Only root sees the programs of others.
    names.push(basename(readlinkSync(`/proc/${pid}/exe`)));
  } catch {
    // Gone, a thread of the kernel, or not ours to see.
  }
  return names;
}

/**
 * Whether it lives in a PID namespace below ours: what runs in a container has another console.
 * The kernel lists its ID in each namespace, ours first (proc(5), NSpid).
 */
function isInContainer(pid: number): boolean {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'latin1');
    return /^NSpid:\s+\d+\s+\d/m.test(status);
  } catch {
    return false;
  }
}
