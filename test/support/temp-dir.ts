import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/**
 * A folder of a test's own, removed with all its contents when the test lets go of it:
 * `await using dir = await TempDir.create()`.
 */
export class TempDir implements AsyncDisposable {
  readonly path: string;

  private constructor(path: string) {
    this.path = path;
  }

  /** @param mode 0o711 lets programs that gave up their privileges reach what is in it */
  static async create(mode = 0o700): Promise<TempDir> {
    const path = await mkdtemp(join(tmpdir(), 'mandos-test-'));
    await chmod(path, mode);
    return new TempDir(path);
  }

  /** The path of something in the folder. */
  join(...names: string[]): string {
    return join(this.path, ...names);
  }

  /** Writes a new file, private unless told otherwise, and returns its path. */
  async write(name: string, content: string | Uint8Array, mode = 0o600): Promise<string> {
    const path = this.join(name);
    await writeFile(path, content, { mode });
    return path;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.path, { recursive: true, force: true, maxRetries: 3 });
  }
}
