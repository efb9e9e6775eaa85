/**
 * The original's `clients.pickle` as a file: its mark, by which the ledger knows it again, and the
 * barrier that lies in its place when the state could not be written for the original.
 */
import { hash } from 'node:crypto';
import { linkSync, lstatSync, readlinkSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import { basename } from 'node:path';
import { MandosError } from '../../core/error.ts';
import { replacePrivateFile, syncDirectory } from '../../system/private-file.ts';
import { asidePath, picklePath } from './state-directory.ts';
import { readWholeFile } from './whole-file.ts';

export interface OriginalFile {
  readonly path: string;
  /** Tells it from every other: a digest of what is in it, if that can be read. */
  readonly mark: string;
  /** The content, or why it cannot be read. */
  readonly content: Buffer | MandosError;
}

/** Null when there is no such file. */
export function readOriginalFile(path: string): OriginalFile | null {
  try {
    const bytes = readWholeFile(path);
    return bytes === null ? null : { path, mark: markOf(bytes), content: bytes };
  } catch (error) {
    if (!(error instanceof MandosError)) throw error;
    const { dev, ino, size, mtimeNs } = lstatSync(path, { bigint: true });
    return { path, mark: `file:${dev}:${ino}:${size}:${mtimeNs}`, content: error };
  }
}

/** Of a file with this content. */
export function markOf(bytes: Uint8Array): string {
  return `sha256:${hash('sha256', bytes, 'hex')}`;
}

/**
 * Python ends with an error at its first character, before the original removes its state as it
 * does when it starts: so it never serves anybody whom it knows nothing about.
 */
const BARRIER = `# mandos: no state, but a barrier in its place.
# The state could not be written here for the original's server. As long as this file is here, that
# does not start: it would bring locked-out clients back to life. To go on, install mandos-ts-server
# again and see what "mandos --export-state" says; or remove this file, and clients.conf alone decides.
`;
const [BARRIER_MARK = BARRIER] = BARRIER.split('\n');

export function isBarrier({ path, content }: OriginalFile): boolean {
  if (content instanceof MandosError) return isLoop(path);
  return content.subarray(0, BARRIER_MARK.length).toString('latin1') === BARRIER_MARK;
}

/** The barrier of a full disk: a link to itself needs no room, and the original ends at it, too. */
function isLoop(path: string): boolean {
  return lstatSync(path).isSymbolicLink() && readlinkSync(path) === basename(path);
}

/** Sees to it that the original does not start; what it left is kept aside. */
export function putUpBarrier(directory: string): void {
  const path = picklePath(directory);
  const there = readOriginalFile(path);
  // At every moment there is the one or the other.
  if (there !== null && !isBarrier(there)) keepAside(path, asidePath(directory));
  try {
    replacePrivateFile(path, Buffer.from(BARRIER));
  } catch {
    // No room.
    const unnamed = `${path}.loop`;
    rmSync(unnamed, { force: true });
    symlinkSync(basename(path), unnamed);
    renameSync(unnamed, path);
    syncDirectory(directory);
  }
}

function keepAside(path: string, aside: string): void {
  rmSync(aside, { recursive: true, force: true });
  try {
    linkSync(path, aside);
  } catch {
    // A directory, or another user's.
    renameSync(path, aside);
  }
}

/** After `clients.pickle` has been replaced by a state: what was kept aside counts no more. */
export function forgetAside(directory: string): void {
  rmSync(asidePath(directory), { force: true });
  syncDirectory(directory);
}
