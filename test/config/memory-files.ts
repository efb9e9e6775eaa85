import type { ConfigFiles } from '../../src/config/config-files.ts';
import { MandosError } from '../../src/core/error.ts';

/** Files, home directories and environment that exist only in a test. */
export function memoryFiles(
  contents: Readonly<Record<string, string | Uint8Array | MandosError>> = {},
  homes: Readonly<Record<string, string>> = {},
  environment: Readonly<Record<string, string>> = {},
): ConfigFiles {
  return {
    readFile(path) {
      const content = Object.hasOwn(contents, path) ? contents[path] : undefined;
      if (content === undefined) throw new MandosError('file-missing', `there is no file ${path}`);
      if (content instanceof MandosError) throw content;
      return typeof content === 'string' ? new TextEncoder().encode(content) : content.slice();
    },
    homeDirectory: (user) => homes[user ?? ''] ?? null,
    environmentVariable: (name) =>
      Object.hasOwn(environment, name) ? environment[name] : undefined,
  };
}
