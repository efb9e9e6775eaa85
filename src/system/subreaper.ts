import {
  becomeSubreaper,
  type ChildEnd,
  endedChild,
  reapChild,
  withFileLockLimit,
} from '../native/libc-processes.ts';
import { childrenOf, fileLockLimit, processStatus } from './process-table.ts';

/** A started process whose end is waited for. */
interface Leader {
  readonly mark: number;
  readonly onEnd: (end: ChildEnd) => void;
}

/** How many marks each sub-reaper of a process has; more than are used in a million years. */
const MARKS = 2 ** 44;

/** Strays may start others while they are being killed; each round sees the next generation. */
const ROUNDS = 200;

/** Should a SIGCHLD ever get lost. Also keeps the program running as long as a leader runs. */
const REVIEW_MILLISECONDS = 1000;

/**
 * Starts processes and sees to it that, when one has ended, nothing that it started lives on
 * (C1): not what left its process group, nor what cut itself loose from its parent.
 *
 * Such escapees become children of this process, the sub-reaper. Whose they are is told by a
 * mark that every descendant inherits and that no new session, environment or program takes
 * off: a soft limit on file locks, which Linux shows and no longer enforces. Children without
 * such a mark (those of Node's `child_process`) are left alone. A program that takes its mark
 * off on purpose gets away; SECURITY.md says so.
 *
 * In the daemon there is one. Several in one process do not meddle with each other.
 */
export class Subreaper implements Disposable {
  static #instances = 0;

  readonly #firstMark: number;
  #nextMark: number;
  readonly #leaders = new Map<number, Leader>();
  readonly #runningMarks = new Set<number>();
  readonly #waiting = new Set<() => void>();
  #review: NodeJS.Timeout | null = null;
  #strays = false;
  readonly #onSignal = (): void => this.#sweep();

  constructor() {
    becomeSubreaper();
    Subreaper.#instances += 1;
    this.#firstMark = Subreaper.#instances * MARKS;
    this.#nextMark = this.#firstMark;
    process.on('SIGCHLD', this.#onSignal);
  }

  /**
   * Runs `start`, which starts one process and returns its ID.
   * @param onEnd called once, never before this returns; what the process left behind is
   *   being killed then
   */
  start(start: () => number, onEnd: (end: ChildEnd) => void): number {
    const mark = this.#nextMark++;
    const pid = withFileLockLimit(mark, start);
    this.#leaders.set(pid, { mark, onEnd });
    this.#runningMarks.add(mark);
    this.#review ??= setInterval(this.#onSignal, REVIEW_MILLISECONDS);
    return pid;
  }

  /** Resolves once no process started here, and none that they started, is left. */
  async quiet(): Promise<void> {
    this.#sweep();
    if (this.#isQuiet()) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#waiting.add(resolve);
    await promise;
  }

  /** Lets go of the signal. Call when it is quiet: what runs still is not reaped any more. */
  [Symbol.dispose](): void {
    process.off('SIGCHLD', this.#onSignal);
    if (this.#review !== null) clearInterval(this.#review);
    this.#review = null;
  }

  #isQuiet(): boolean {
    return this.#leaders.size === 0 && !this.#strays;
  }

  #sweep(): void {
    this.#reapLeaders();
    try {
      this.#strays = this.#endStrays();
    } catch {
      // No descriptor left to look with, or no memory: the next review tries again.
      this.#strays = true;
    }
    if (!this.#isQuiet()) return;
    if (this.#review !== null) clearInterval(this.#review);
    this.#review = null;
    for (const resolve of this.#waiting) resolve();
    this.#waiting.clear();
  }

  #reapLeaders(): void {
    for (let pid = endedChild(); pid !== null; pid = endedChild()) {
      if (this.#reapLeader(pid)) continue;
      // Somebody else's, or a stray, and it hides the ones behind it.
      for (const leader of [...this.#leaders.keys()]) this.#reapLeader(leader);
      return;
    }
  }

  #reapLeader(pid: number): boolean {
    const leader = this.#leaders.get(pid);
    const end = leader === undefined ? null : reapChild(pid);
    if (leader === undefined || end === null) return false;
    this.#leaders.delete(pid);
    this.#runningMarks.delete(leader.mark);
    queueMicrotask(() => leader.onEnd(end));
    return true;
  }

  /** Kills and reaps what ended leaders left behind. True when some of it is still dying. */
  #endStrays(): boolean {
    const killed = new Set<number>();
    for (let round = 0; round < ROUNDS; round++) {
      let dying = false;
      let news = false;
      for (const pid of childrenOf(process.pid)) {
        if (this.#leaders.has(pid)) continue;
        const origin = this.#originOf(pid);
        if (origin === 'elsewhere') continue;
        if (reapChild(pid) !== null) news = true;
        else if (origin === 'ended leader' && kill(pid)) {
          dying = true;
          if (!killed.has(pid)) news = true;
          killed.add(pid);
        }
      }
      if (!news) return dying;
    }
    return true;
  }

  #originOf(pid: number): 'running leader' | 'ended leader' | 'elsewhere' {
    const mark = fileLockLimit(pid);
    // A child that we may not look at has changed what it is; Node's own are never that.
    if (mark === null) return 'ended leader';
    if (mark < this.#firstMark || mark >= this.#firstMark + MARKS) return 'elsewhere';
    return this.#runningMarks.has(mark) ? 'running leader' : 'ended leader';
  }
}

/**
 * Kills a stray and, in one stroke, its process group: processes that start each other faster
 * than they can be found one by one end as well. False when it may not be killed, as it has
 * become another user's.
 */
function kill(pid: number): boolean {
  const group = processStatus(pid)?.group ?? 0;
  if (!signal(pid)) return false;
  if (group > 1) signal(-group);
  return true;
}

function signal(target: number): boolean {
  try {
    process.kill(target, 'SIGKILL');
    return true;
  } catch {
    return false;
  }
}
