/** What stat(2) tells about a file or directory. */
export interface FileStatus {
  readonly path: string;
  readonly kind: 'file' | 'directory' | 'other';
  /** The permission bits, sticky bit included. */
  readonly mode: number;
  readonly owner: number;
}

export interface PluginFile {
  readonly name: string;
  /** What a symbolic link leads to, if it is one. */
  readonly file: FileStatus;
  /** Every directory above the file itself, up to the root. */
  readonly above: readonly FileStatus[];
}

const OTHERS_WRITE = 0o022;
const STICKY = 0o1000;
const ANYBODY_EXECUTES = 0o111;

/** Why a plugin must not be started, or null. `user` is whoever starts it. */
export function reasonAgainst(plugin: PluginFile, user: number): string | null {
  if (plugin.file.kind !== 'file') return 'it is no file';
  if ((plugin.file.mode & ANYBODY_EXECUTES) === 0) return 'it is not executable';
  return reasonToDistrust([plugin.file, ...plugin.above], user);
}

/**
 * Why somebody else could change what is at the end of a path (L3), or null. Everything on
 * it must belong to root or to the user, and be writable by nobody else; a directory with
 * the sticky bit, such as /tmp, lets nobody touch what is not theirs.
 */
export function reasonToDistrust(path: readonly FileStatus[], user: number): string | null {
  for (const { path: name, kind, mode, owner } of path) {
    if (owner !== 0 && owner !== user) return `'${name}' belongs to user ${owner}`;
    const sticky = kind === 'directory' && (mode & STICKY) !== 0;
    if ((mode & OTHERS_WRITE) !== 0 && !sticky) return `others may write to '${name}'`;
  }
  return null;
}
