import { readdirSync, realpathSync, type Stats, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { ExitStatus, MandosError } from '../../core/error.ts';
import { systemErrorCode } from '../../system/system-error.ts';
import type { FileStatus } from './plugin-safety.ts';
import type { PluginDirectory } from './runner-machine.ts';

/** @throws MandosError `file-missing` or `file-unreadable` */
export function openPluginDirectory(path: string): PluginDirectory {
  try {
    const real = realpathSync(path);
    return {
      path: [fileStatus(real), ...directoriesAbove(real)],
      names: readdirSync(real).sort(),
      inspect: (name) => inspect(join(real, name)),
    };
  } catch (cause) {
    const reason = systemErrorCode(cause);
    if (reason === undefined) throw cause;
    throw new MandosError(
      reason === 'ENOENT' ? 'file-missing' : 'file-unreadable',
      `cannot open the plugin directory '${path}' (${reason})`,
      { exitCode: ExitStatus.unavailable, cause },
    );
  }
}

/** The status of a file after its links, and of all directories above where it really is. */
export function trustChain(path: string): [file: FileStatus, ...above: FileStatus[]] {
  const real = realpathSync(path);
  return [fileStatus(real), ...directoriesAbove(real)];
}

function inspect(path: string) {
  try {
    const [file, ...above] = trustChain(path);
    return { name: basename(path), file, above };
  } catch (cause) {
    if (systemErrorCode(cause) === undefined) throw cause;
    return null;
  }
}

function directoriesAbove(path: string): FileStatus[] {
  const above = dirname(path);
  return above === path ? [] : [fileStatus(above), ...directoriesAbove(above)];
}

function fileStatus(path: string): FileStatus {
  const status = statSync(path);
  return { path, kind: kindOf(status), mode: status.mode & 0o7777, owner: status.uid };
}

function kindOf(status: Stats): FileStatus['kind'] {
  if (status.isFile()) return 'file';
  return status.isDirectory() ? 'directory' : 'other';
}
