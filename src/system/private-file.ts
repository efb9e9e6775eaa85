/**
 * Files that only their owner may read (S1): made with mode 0600 by an exclusive open, so
 * that at no moment, under no umask, anybody else could have opened them.
 *
 * The calls are synchronous on purpose: between them no signal handler of ours can run and
 * leave half of a change behind.
 */

import { randomBytes } from 'node:crypto';
import {
  closeSync,
  constants,
  fsyncSync,
  linkSync,
  lstatSync,
  openSync,
  readSync,
  renameSync,
  statSync,
  unlinkSync,
  writeSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { ExitStatus, MandosError } from '../core/error.ts';
import { wipeableCopy } from '../core/wipeable-bytes.ts';
import { makeDirectories } from './make-directories.ts';
import { type OpenFile, openRegularFile } from './regular-file.ts';
import { systemErrorCode } from './system-error.ts';

const OTHERS_MAY_WRITE = 0o022;

/**
 * Makes sure that `path` is a directory in which nobody but its owner, who is this user or
 * root, can put or replace files; makes it (and its parents) with mode 0700 if needed.
 *
 * Throws `MandosError`: `file-unwritable` when it cannot be made or others may write there.
 */
export function ensurePrivateDirectory(path: string): void {
  try {
    makeDirectories(path, 0o700);
  } catch (cause) {
    throw unwritable(`cannot make directory '${path}'`, cause);
  }
  const status = statSync(path);
  if (!status.isDirectory()) throw unwritable(`'${path}' is not a directory`);
  if ((status.mode & OTHERS_MAY_WRITE) !== 0) {
    throw unwritable(
      `other users may write to directory '${path}'`,
      undefined,
      `if it is yours alone: chmod go-w '${path}'`,
    );
  }
  if (status.uid !== 0 && status.uid !== process.geteuid?.()) {
    throw unwritable(`directory '${path}' belongs to another user`);
  }
}

/** Whether there is anything of that name, a dangling link included. */
export function exists(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false }) !== undefined;
}

/**
 * Makes a new private file with all of `content` and waits until it is on the disk.
 * Throws `MandosError`: `file-exists` when the name is taken, else `file-unwritable`; then
 * there is no such file.
 */
export function createPrivateFile(path: string, content: Uint8Array): void {
  const { O_CREAT, O_EXCL, O_WRONLY, O_NOFOLLOW } = constants;
  let descriptor: number;
  try {
    descriptor = openSync(path, O_CREAT | O_EXCL | O_WRONLY | O_NOFOLLOW, 0o600);
  } catch (cause) {
    throw systemErrorCode(cause) === 'EEXIST'
      ? taken(path, cause)
      : unwritable(`cannot make '${path}'`, cause);
  }
  try {
    writeAll(descriptor, content);
    fsyncSync(descriptor);
  } catch (cause) {
    unlinkSync(path);
    throw unwritable(`cannot write '${path}'`, cause);
  } finally {
    closeSync(descriptor);
  }
}

/**
 * A private file that is complete on the disk and has not got its name yet. When it is
 * disposed of without one it is removed.
 */
export interface StagedFile extends Disposable {
  /** Gives the file its name at one stroke, in place of what had it. */
  replace(): void;
  /** As `replace`, but throws `MandosError` `file-exists` when the name is taken. */
  installNew(): void;
}

/**
 * Writes a private file beside `path`, to be given that name later.
 * Throws as `createPrivateFile`.
 */
export function stagePrivateFile(path: string, content: Uint8Array): StagedFile {
  const suffix = randomBytes(8).toString('hex');
  const temporary = join(dirname(path), `.${basename(path)}.${suffix}.new`);
  createPrivateFile(temporary, content);
  let renamed = false;
  return {
    replace() {
      try {
        renameSync(temporary, path);
      } catch (cause) {
        throw unwritable(`cannot replace '${path}'`, cause);
      }
      renamed = true;
    },
    installNew() {
      try {
        linkSync(temporary, path);
      } catch (cause) {
        throw systemErrorCode(cause) === 'EEXIST'
          ? taken(path, cause)
          : unwritable(`cannot make '${path}'`, cause);
      }
    },
    [Symbol.dispose]() {
      if (!renamed) unlinkSync(temporary);
    },
  };
}

/**
 * Replaces `path` by a private file with `content`: whenever this is interrupted, the old
 * file or the new one is there, whole (F2). Throws as `createPrivateFile`.
 */
export function replacePrivateFile(path: string, content: Uint8Array): void {
  using staged = stagePrivateFile(path, content);
  staged.replace();
  syncDirectory(dirname(path));
}

/** Waits until names given and taken in a directory are on the disk. */
export function syncDirectory(path: string): void {
  const descriptor = openSync(path, constants.O_RDONLY | constants.O_DIRECTORY);
  try {
    fsyncSync(descriptor);
  } catch (cause) {
    throw unwritable(`cannot sync directory '${path}'`, cause);
  } finally {
    closeSync(descriptor);
  }
}

/**
 * The whole content of a file, in memory of its own (S4), the caller's to overwrite. Only of
 * a regular file: a FIFO or a device could keep the caller waiting for ever, deaf to
 * signals.
 *
 * Throws `MandosError`: `file-missing` or `file-unreadable`, also for more than `limit`
 * bytes.
 */
export function readSecretFile(path: string, limit: number): Uint8Array<ArrayBuffer> {
  try {
    using file = openRegularFile(path);
    return readAll(file, path, limit);
  } catch (cause) {
    if (cause instanceof MandosError) throw cause;
    if (systemErrorCode(cause) !== 'ENOENT') throw unreadable(`cannot read '${path}'`, cause);
    const exitCode = ExitStatus.noInput;
    throw new MandosError('file-missing', `there is no file '${path}'`, { exitCode, cause });
  }
}

function readAll(
  { descriptor, size }: OpenFile,
  path: string,
  limit: number,
): Uint8Array<ArrayBuffer> {
  let buffer = new Uint8Array(Math.min(size, limit) + 4096);
  let length = 0;
  try {
    for (;;) {
      const count = readSync(descriptor, buffer, length, buffer.length - length, null);
      length += count;
      if (length > limit) throw unreadable(`'${path}' is larger than ${limit} bytes`);
      if (count === 0) return wipeableCopy(buffer.subarray(0, length));
      if (length < buffer.length) continue;
      const larger = new Uint8Array(buffer.length * 2);
      larger.set(buffer);
      buffer.fill(0);
      buffer = larger;
    }
  } finally {
    buffer.fill(0);
  }
}

function writeAll(descriptor: number, content: Uint8Array): void {
  let offset = 0;
  while (offset < content.length) offset += writeSync(descriptor, content, offset);
}

function taken(path: string, cause: unknown): MandosError {
  const exitCode = ExitStatus.cannotCreate;
  return new MandosError('file-exists', `'${path}' exists already`, { exitCode, cause });
}

function unreadable(message: string, cause?: unknown): MandosError {
  const exitCode = ExitStatus.noInput;
  return new MandosError('file-unreadable', withReason(message, cause), { exitCode, cause });
}

function unwritable(message: string, cause?: unknown, hint?: string): MandosError {
  const details = { exitCode: ExitStatus.cannotCreate, cause };
  return new MandosError(
    'file-unwritable',
    withReason(message, cause),
    hint === undefined ? details : { ...details, hint },
  );
}

function withReason(message: string, cause: unknown): string {
  const reason = systemErrorCode(cause);
  return reason === undefined ? message : `${message} (${reason})`;
}
