import { basename, join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';

/** A directory with other builds of our programs to test instead of those of `bin/`. */
const { MANDOS_TEST_PROGRAMS: PROGRAMS } = process.env;

/** The absolute path of something in the repository. */
export function inRepository(path: string): string {
  if (PROGRAMS !== undefined && path.startsWith('bin/')) return join(PROGRAMS, basename(path));
  return fromSource(path);
}

/** As `inRepository`, but programs of `bin/` are always those that run from source. */
export function fromSource(path: string): string {
  return fileURLToPath(new URL(`../../${path}`, import.meta.url));
}
