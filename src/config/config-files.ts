/** What reading the configuration needs of the machine, handed in by the program. */
export interface ConfigFiles {
  /**
   * The whole file, in an array of its own that the caller may wipe. Throws `MandosError`
   * `file-missing` or `file-unreadable`.
   */
  readFile(path: string): Uint8Array;
  /** The home directory of the named user, or of the current user for null; null if unknown. */
  homeDirectory(user: string | null): string | null;
  environmentVariable(name: string): string | undefined;
}
