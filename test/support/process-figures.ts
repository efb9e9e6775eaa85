import { readdirSync, readFileSync } from 'node:fs';

/** What the kernel tells of a process (proc(5)). */
export interface ProcessFigures {
  readonly children: number;
  readonly threads: number;
  readonly descriptors: number;
  /** Resident memory in bytes. */
  readonly memory: number;
}

export function processFigures(pid: number): ProcessFigures {
  const status = readFileSync(`/proc/${pid}/status`, 'latin1');
  const value = (name: string): number =>
    Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(status)?.[1] ?? Number.NaN);
  const children = readdirSync(`/proc/${pid}/task`)
    .map((task) => readFileSync(`/proc/${pid}/task/${task}/children`, 'latin1'))
    .join(' ');
  return {
    children: children.split(' ').filter((child) => child !== '').length,
    threads: value('Threads'),
    descriptors: readdirSync(`/proc/${pid}/fd`).length,
    memory: value('VmRSS') * 1024,
  };
}
