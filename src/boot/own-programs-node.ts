import { realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { isSea } from 'node:sea';

/** Tells our own programs from those of others. */
export interface OwnPrograms {
  /**
   * Which of our programs a file is; null when it is somebody else's.
   * @param path after all links
   * @param name by which it is called
   */
  programAt(path: string, name: string): string | null;
}

/**
 * The single executable is every program, and picks one by the name it is called by; from
 * source each has a wrapper in `bin/`.
 */
export function ownPrograms(names: readonly string[]): OwnPrograms {
  const executable = isSea() ? realpathSync(process.execPath) : null;
  const wrappers = executable === null ? wrapperDirectory() : null;
  return {
    programAt(path, name) {
      if (!names.includes(name)) return null;
      const ours = wrappers === null ? executable : join(wrappers, name);
      return path === ours ? name : null;
    },
  };
}

function wrapperDirectory(): string | null {
  const [, main] = process.argv;
  return main === undefined ? null : join(dirname(dirname(realpathSync(main))), 'bin');
}
