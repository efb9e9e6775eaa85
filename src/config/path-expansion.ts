import type { ConfigFiles } from './config-files.ts';

/** ASCII letters, digits and `_`, as many as there are; or anything between braces. */
const VARIABLE = /\$(?:(\w+)|\{([^}]*)\})/g;

/**
 * Expands a file name as the original does: first `$NAME` and `${NAME}` (unknown ones stay),
 * then a leading `~` or `~user` (unknown users stay). Semantics of Python's
 * `os.path.expanduser(os.path.expandvars(path))`.
 */
export function expandPath(path: string, files: ConfigFiles): string {
  const withVariables = path.replace(
    VARIABLE,
    (whole, bare: string | undefined, braced: string | undefined) =>
      files.environmentVariable(bare ?? braced ?? '') ?? whole,
  );
  if (!withVariables.startsWith('~')) return withVariables;
  const slash = withVariables.indexOf('/');
  const end = slash < 0 ? withVariables.length : slash;
  const user = withVariables.slice(1, end);
  const home = files.homeDirectory(user === '' ? null : user);
  if (home === null) return withVariables;
  return home.replace(/\/+$/, '') + withVariables.slice(end) || '/';
}
