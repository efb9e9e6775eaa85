import { writeFile } from 'node:fs/promises';
import { succeed } from './process.ts';
import type { TempDir } from './temp-dir.ts';

/** As little as a LUKS2 header and one key slot take. */
const SIZE = 17 * 1024 * 1024;

/** A file that is an encrypted disk which takes no time to open; its path. */
export async function makeLuksDisk(dir: TempDir, password: string, name = 'disk'): Promise<string> {
  const path = dir.join(name);
  await writeFile(path, '');
  await succeed('/usr/bin/truncate', ['--size', String(SIZE), path]);
  await succeed(
    '/usr/sbin/cryptsetup',
    [
      ...['luksFormat', '--batch-mode', '--type', 'luks2', '--pbkdf', 'pbkdf2'],
      ...['--pbkdf-force-iterations', '1000', path, '-'],
    ],
    { input: password },
  );
  return path;
}
