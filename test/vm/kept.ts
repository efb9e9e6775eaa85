/** What takes long to make is kept between runs, under .cache/vm. */
import { createHash } from 'node:crypto';
import { mkdir, readdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import process from 'node:process';
import { RunningProgram } from '../support/process.ts';
import { inRepository } from '../support/repository.ts';

const PLACE = inRepository('.cache/vm');
/** For somebody else to make the same, in milliseconds. */
const PATIENCE = 900_000;

/**
 * A directory that was made from these ingredients, by an earlier run or now. One that was made
 * from others goes away.
 * @param make fills an empty directory
 */
export async function kept(
  name: string,
  ingredients: readonly (string | Uint8Array)[],
  make: (directory: string) => Promise<void>,
): Promise<string> {
  const hash = createHash('sha256');
  for (const ingredient of ingredients) hash.update(`${ingredient.length}:`).update(ingredient);
  const directory = join(PLACE, `${name}@${hash.digest('hex').slice(0, 16)}`);
  if (await exists(directory)) return directory;
  await mkdir(PLACE, { recursive: true });
  await using _ = await locked(join(PLACE, `${name}.lock`));
  // Another test may have made it meanwhile.
  if (await exists(directory)) return directory;
  for (const old of await readdir(PLACE)) {
    if (old.startsWith(`${name}@`)) await rm(join(PLACE, old), { recursive: true, force: true });
  }
  const unfinished = join(PLACE, `${name}@new-${process.pid}`);
  await mkdir(unfinished);
  await make(unfinished);
  await rename(unfinished, directory);
  return directory;
}

/** Holds a lock that goes with this process, however that ends. */
async function locked(path: string): Promise<AsyncDisposable> {
  const holder = RunningProgram.start(
    '/usr/bin/flock',
    [path, '/bin/sh', '-c', 'echo locked; exec cat'],
    { keepInputOpen: true },
  );
  await holder.waitForLine(/locked/, PATIENCE);
  return holder;
}

async function exists(path: string): Promise<boolean> {
  return (await stat(path).catch(() => null)) !== null;
}
