import { readFileSync, readSync } from 'node:fs';
import { userInfo } from 'node:os';
import { MandosError } from '../core/error.ts';
import { wipeableCopy } from '../core/wipeable-bytes.ts';
import { type OpenFile, openRegularFile } from '../system/regular-file.ts';
import type { ConfigFiles } from './config-files.ts';

/** Far more than any list of clients needs; ends the reading of an endless file. */
const LONGEST_FILE = 64 * 1024 * 1024;

/** The real files, users and environment. */
export const nodeConfigFiles: ConfigFiles = {
  readFile,
  homeDirectory,
  environmentVariable: (name) => (Object.hasOwn(process.env, name) ? process.env[name] : undefined),
};

function readFile(path: string): Uint8Array {
  try {
    using file = openRegularFile(path);
    return readAll(path, file);
  } catch (error) {
    throw error instanceof MandosError ? error : fileError(path, error);
  }
}

/** Reads into arrays of its own and wipes those it outgrows: the content may be secret (S4). */
function readAll(path: string, { descriptor, size }: OpenFile): Uint8Array {
  let buffer = new Uint8Array(Math.min(size, LONGEST_FILE) + 1);
  let length = 0;
  for (;;) {
    const count = readSync(descriptor, buffer, length, buffer.length - length, null);
    if (count === 0) break;
    length += count;
    if (length < buffer.length) continue;
    if (length > LONGEST_FILE) {
      buffer.fill(0);
      throw new MandosError('file-unreadable', `${path} is too large`);
    }
    const larger = new Uint8Array(buffer.length * 2);
    larger.set(buffer);
    buffer.fill(0);
    buffer = larger;
  }
  const exact = wipeableCopy(buffer.subarray(0, length));
  buffer.fill(0);
  return exact;
}

function fileError(path: string, cause: unknown): MandosError {
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : 'unknown error';
  return code === 'ENOENT' || code === 'ENOTDIR'
    ? new MandosError('file-missing', `there is no file ${JSON.stringify(path)}`, { cause })
    : new MandosError('file-unreadable', `cannot read ${JSON.stringify(path)}: ${code}`, { cause });
}

function homeDirectory(user: string | null): string | null {
  if (user === null) return process.env.HOME ?? userInfo().homedir;
  let table: string;
  try {
    table = readFileSync('/etc/passwd', 'utf8');
  } catch {
    return null; // as for an unknown user: the name is left as it is
  }
  for (const entry of table.split('\n')) {
    const [name, , , , , home] = entry.split(':');
    if (name === user && home !== undefined) return home;
  }
  return null;
}
