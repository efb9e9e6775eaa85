import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';

/** What a process and everything below it have used and hold (proc(5)). */
export interface TreeFigures {
  /** CPU time in milliseconds: user and system, of children that have ended too. */
  readonly cpu: number;
  /** Memory in bytes, shared pages divided among those that share them (PSS). */
  readonly memory: number;
  /** Memory in bytes that no file backs. */
  readonly own: number;
  readonly processes: number;
}

/** Milliseconds per clock tick: the kernel shows times in hundredths of a second. */
const TICK = 10;

export function processTree(root: number): TreeFigures {
  let cpu = 0;
  let memory = 0;
  let own = 0;
  let processes = 0;
  const visit = (pid: number): void => {
    try {
      const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
      const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      // utime, stime, cutime, cstime: fields 14 to 17, of which two are cut off.
      const ticks = fields.slice(11, 15).reduce((sum, field) => sum + Number(field), 0);
      const maps = readFileSync(`/proc/${pid}/smaps_rollup`, 'latin1');
      const size = (name: string): number =>
        Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(maps)?.[1] ?? 0) * 1024;
      cpu += ticks * TICK;
      memory += size('Pss');
      own += size('Anonymous');
      processes++;
      for (const task of readdirSync(`/proc/${pid}/task`)) {
        const children = readFileSync(`/proc/${pid}/task/${task}/children`, 'latin1');
        for (const child of children.split(' ').filter((name) => name !== '')) visit(Number(child));
      }
    } catch {
      // It has ended while we looked.
    }
  };
  visit(root);
  return { cpu, memory, own, processes };
}

/** Its CPU time once it has stopped using any. */
export async function settledCpu(root: number): Promise<number> {
  let last = -1;
  for (;;) {
    const { cpu } = processTree(root);
    if (cpu === last) return cpu;
    last = cpu;
    await pause(300);
  }
}
