import { closeSync, constants, fstatSync, openSync, readSync, unlinkSync } from 'node:fs';
import { type Cancellation, orCancelled } from '../core/cancellation.ts';
import { type ErrorCode, ExitStatus, MandosError } from '../core/error.ts';
import { LARGEST_BLOB, Password } from '../core/secret.ts';
import { wipeableBytes } from '../core/wipeable-bytes.ts';
import { SystemCallError } from '../native/libc.ts';
import { makePrivateFifo } from '../native/libc-fifo.ts';
import { errnoName } from '../system/errno.ts';
import { systemErrorCode } from '../system/system-error.ts';
import { writeAll } from '../system/write-all.ts';
import type { Fifos, FifoWriter } from './fifos.ts';
import { readSecretPipe } from './secret-pipe-node.ts';

/** How soon it is looked again whether there is a reader. */
const PAUSE_MILLISECONDS = 100;

/** What comes after the last writer has gone is nothing, so this is no deadline. */
const NO_PATIENCE = 0;

/** Never by an `open` that waits: it would hold a thread that nothing can call back. */
export const nodeFifos: Fifos = { make, read, openWriter };

function make(path: string): void {
  try {
    makePrivateFifo(path);
  } catch (cause) {
    if (!(cause instanceof SystemCallError)) throw cause;
    const reason = errnoName(cause.errno);
    if (reason !== 'EEXIST') throw failure('file-unwritable', 'make', path, reason, cause);
  }
}

async function read(path: string, cancel: Cancellation): Promise<Password> {
  if (cancel.aborted) throw cancel.reason;
  // Nothing comes, and no end either, until there has been a writer (fifo(7), poll(2)).
  const descriptor = open(path, constants.O_RDONLY, 'file-unreadable', 'read');
  const status = fstatSync(descriptor);
  if (status.isFile()) return takeFile(path, descriptor, status.size);
  if (!status.isFIFO()) {
    closeSync(descriptor);
    throw failure('file-unreadable', 'read', path, 'it is no FIFO');
  }
  const pipe = readSecretPipe(descriptor);
  try {
    await orCancelled(pipe.closed, cancel);
  } catch (error) {
    pipe.abandon();
    throw error;
  }
  const password = await pipe.end(NO_PATIENCE);
  if (password !== null) return password;
  throw failure('file-unreadable', 'use', path, 'it held more than any password');
}

function takeFile(path: string, descriptor: number, size: number): Password {
  try {
    if (size > LARGEST_BLOB) {
      throw failure('file-unreadable', 'use', path, 'it held more than any password');
    }
    unlinkSync(path);
    const bytes = wipeableBytes(size);
    const count = readSync(descriptor, bytes, 0, size, 0);
    return new Password(bytes.subarray(0, count));
  } catch (cause) {
    if (cause instanceof MandosError) throw cause;
    throw openFailure('file-unreadable', 'take', path, cause);
  } finally {
    closeSync(descriptor);
  }
}

async function openWriter(path: string, cancel: Cancellation): Promise<FifoWriter> {
  const descriptor = await openForWriting(path, cancel);
  return {
    async write(bytes, cancelWrite) {
      try {
        await orCancelled(writeAll(descriptor, bytes), cancelWrite);
      } catch (cause) {
        if (cancelWrite.aborted) throw cancelWrite.reason;
        throw failure('file-unwritable', 'write to', path, systemErrorCode(cause), cause);
      }
    },
    [Symbol.dispose]: () => closeSync(descriptor),
  };
}

async function openForWriting(path: string, cancel: Cancellation): Promise<number> {
  for (;;) {
    if (cancel.aborted) throw cancel.reason;
    try {
      return openSync(path, constants.O_WRONLY | constants.O_NONBLOCK);
    } catch (cause) {
      // Nobody has it open for reading.
      if (systemErrorCode(cause) !== 'ENXIO')
        throw openFailure('file-unwritable', 'write to', path, cause);
    }
    await orCancelled(pause(), cancel);
  }
}

function open(path: string, flags: number, code: ErrorCode, verb: string): number {
  try {
    return openSync(path, flags | constants.O_NONBLOCK);
  } catch (cause) {
    throw openFailure(code, verb, path, cause);
  }
}

function pause(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, PAUSE_MILLISECONDS));
}

function openFailure(code: ErrorCode, verb: string, path: string, cause: unknown): MandosError {
  const reason = systemErrorCode(cause);
  return failure(reason === 'ENOENT' ? 'file-missing' : code, verb, path, reason, cause);
}

function failure(
  code: ErrorCode,
  verb: string,
  path: string,
  reason: string | undefined,
  cause?: unknown,
): MandosError {
  return new MandosError(code, `cannot ${verb} '${path}' (${reason ?? String(cause)})`, {
    exitCode: ExitStatus.unavailable,
    cause,
  });
}
