/**
 * Names of clients that end the original, seen with 1.8.16: each client is an object of its on
 * D-Bus, whose path has the name in it, and it checks that path after it has removed its state.
 */

const PATH = /^[A-Za-z0-9_]+(?:\/[A-Za-z0-9_]+)*$/;

/** The first of the names with which it cannot start; null when it can with all. */
export function unfitName(names: Iterable<string>): string | null {
  const paths = new Set<string>();
  for (const name of names) {
    const path = name.replaceAll(/[.-]/g, '_');
    if (!PATH.test(path) || paths.has(path)) return name;
    paths.add(path);
  }
  return null;
}
