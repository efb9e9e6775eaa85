import { join } from 'node:path';
import { ownPlace } from '../system/own-program.ts';

/** Tells our own programs from those of others. */
export interface OwnPrograms {
  /**
   * Which of our programs a file is; null when it is somebody else's.
   * @param path after all links
   * @param name by which it is called
   */
  programAt(path: string, name: string): string | null;
}

/** Our programs of these names; the executable or its wrapper tells them apart (`ownPlace`). */
export function ownPrograms(names: readonly string[]): OwnPrograms {
  const place = ownPlace();
  return {
    programAt(path, name) {
      if (place === null || !names.includes(name)) return null;
      const ours = place.kind === 'executable' ? place.path : join(place.directory, name);
      return path === ours ? name : null;
    },
  };
}
