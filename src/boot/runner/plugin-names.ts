const SUFFIXES = ['~', '.dpkg-new', '.dpkg-old', '.dpkg-bak', '.dpkg-dist', '.dpkg-tmp'];

/**
 * Whether a file in the plugin directory is meant to be no plugin: hidden, or left there by an
 * editor or by dpkg.
 */
export function isLeftOver(name: string): boolean {
  if (name.startsWith('.') || name.endsWith('.dpkg-divert')) return true;
  if (name.startsWith('#') && name.endsWith('#')) return true;
  return SUFFIXES.some((suffix) => name.endsWith(suffix));
}
