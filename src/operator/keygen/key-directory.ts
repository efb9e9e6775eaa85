/** The directory that holds a client's four key files (mandos-keygen(8), "Files"). */
import { readdirSync, unlinkSync } from 'node:fs';
import { join } from 'node:path';
import { ExitStatus, MandosError } from '../../core/error.ts';
import {
  createPrivateFile,
  exists,
  readSecretFile,
  type StagedFile,
  stagePrivateFile,
  syncDirectory,
} from '../../system/private-file.ts';

/** In the order in which they are installed: a new key is there before its public half. */
export const KEY_FILES = ['seckey.txt', 'pubkey.txt', 'tls-privkey.pem', 'tls-pubkey.pem'] as const;
export type KeyFile = (typeof KEY_FILES)[number];

/** No key file is larger; for what is read before it is checked. */
export const LARGEST_KEY_FILE = 256 * 1024;

/** Throws `MandosError` `file-exists` when any of the four files is there. */
export function refuseExistingKeys(directory: string): void {
  const existing = KEY_FILES.filter((name) => exists(join(directory, name)));
  if (existing.length === 0) return;
  throw new MandosError(
    'file-exists',
    `there are keys in '${directory}' already: ${existing.join(', ')}`,
    {
      exitCode: ExitStatus.cannotCreate,
      hint: 'with --force they are replaced and kept as backups',
    },
  );
}

/** What becomes of keys that are there. */
export type Existing = 'refuse' | 'back-up';

/**
 * Puts the four files into `directory`. All are complete on the disk before the first gets
 * its name, each takes its name at one stroke, and what had it is copied to a numbered
 * backup first: interrupted at any moment, every name has its old content or the new one.
 *
 * Throws `MandosError`: `file-exists` when a file is there and is not to be replaced,
 * `file-unwritable`. Temporary files are gone in any case.
 */
export function installKeys(
  directory: string,
  contents: Readonly<Record<KeyFile, Uint8Array>>,
  existing: Existing,
): void {
  using staged = new DisposableStack();
  const files: [KeyFile, StagedFile][] = KEY_FILES.map((name) => [
    name,
    staged.use(stagePrivateFile(join(directory, name), contents[name])),
  ]);
  switch (existing) {
    case 'refuse':
      installNew(directory, files);
      break;
    case 'back-up':
      for (const name of KEY_FILES) backUp(directory, name);
      for (const [, file] of files) file.replace();
      break;
  }
  syncDirectory(directory);
}

/** All four or none: somebody else may have made keys since it was checked. */
function installNew(directory: string, files: readonly [KeyFile, StagedFile][]): void {
  const installed: KeyFile[] = [];
  try {
    for (const [name, file] of files) {
      file.installNew();
      installed.push(name);
    }
  } catch (error) {
    for (const name of installed) unlinkSync(join(directory, name));
    throw error;
  }
}

/** Copies a file to `NAME.~N~`, N above all there are, as cp --backup=numbered counts. */
function backUp(directory: string, name: KeyFile): void {
  const path = join(directory, name);
  if (!exists(path)) return;
  const content = readSecretFile(path, LARGEST_KEY_FILE);
  try {
    createPrivateFile(`${path}.~${lastBackup(directory, name) + 1n}~`, content);
  } finally {
    content.fill(0);
  }
}

/** As a number that never gets too large to be counted on: a name has up to 255 digits. */
function lastBackup(directory: string, name: string): bigint {
  let last = 0n;
  for (const entry of readdirSync(directory)) {
    if (!entry.startsWith(`${name}.~`)) continue;
    const number = /^\.~(\d+)~$/.exec(entry.slice(name.length))?.[1];
    if (number !== undefined) last = BigInt(number) > last ? BigInt(number) : last;
  }
  return last;
}
