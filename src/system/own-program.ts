/**
 * How our programs are called, found and started again. From source a wrapper in `bin/` gives
 * the name as the first argument of `src/main.ts`; the single executable is every program and
 * goes by the name it is called by.
 */
import { realpathSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { getAsset, isSea } from 'node:sea';
import { Worker, type WorkerOptions } from 'node:worker_threads';

export interface ProgramCall {
  /** As called; not necessarily one of our programs. */
  readonly name: string;
  readonly args: readonly string[];
}

/** Which program this process is to be, and its arguments. */
export function programCall(isProgram: (name: string) => boolean): ProgramCall {
  const [, called = '', ...rest] = process.argv;
  const name = basename(called);
  if (isSea() && isProgram(name)) return { name, args: rest };
  const [first = '', ...args] = rest;
  return { name: first, args };
}

/** What a process is started with. */
export interface Command {
  readonly path: string;
  /** Before those that it is given. */
  readonly args: readonly string[];
  /** The name it is called by; without it, `path`. */
  readonly argv0?: string;
}

/** What starts this very program again, with the arguments it has. */
export function sameCommand(): Command {
  const [path = process.execPath, called = '', ...args] = process.argv;
  if (isSea()) return { path, args, argv0: called };
  return { path, args: [...process.execArgv, called, ...args] };
}

/**
 * How a program of ours is started with privileges of which it is to take care itself: the
 * single executable as it is, by the name that says which program it is to be; from source the
 * runtime, without the wrapper, because shells give up what is not the real user's.
 * @param path of the program after all links
 * @param calledAs the path by which it was found; it ends in `name`
 */
export function ownCommand(name: string, path: string, calledAs: string): Command {
  const [, main] = process.argv;
  if (isSea() || main === undefined) return { path, args: [], argv0: calledAs };
  return { path: process.execPath, args: [...process.execArgv, main, name] };
}

/** Where our programs are. */
export type OwnPlace =
  | { readonly kind: 'executable'; readonly path: string }
  | { readonly kind: 'wrappers'; readonly directory: string };

/** Null when there is no telling. */
export function ownPlace(): OwnPlace | null {
  if (isSea()) return { kind: 'executable', path: realpathSync(process.execPath) };
  const [, main] = process.argv;
  if (main === undefined) return null;
  return { kind: 'wrappers', directory: join(dirname(dirname(realpathSync(main))), 'bin') };
}

/**
 * Starts a thread of ours. The executable carries the code of each, packed by
 * `scripts/build.ts`, which looks for calls of this function.
 * @param source `new URL('./NAME.ts', import.meta.url)`, literally
 */
export function startThread(source: URL, options: WorkerOptions): Worker {
  if (!isSea()) return new Worker(source, options);
  const code = getAsset(basename(source.pathname), 'utf8');
  return new Worker(code, { ...options, eval: true });
}
