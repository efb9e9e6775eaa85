import { isSea } from 'node:sea';

/** What a process is started with. */
export interface Command {
  readonly path: string;
  /** Before those that it is given. */
  readonly args: readonly string[];
  /** The name it is called by; without it, `path`. */
  readonly argv0?: string;
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
