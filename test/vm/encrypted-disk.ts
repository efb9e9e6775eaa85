/** Disks encrypted with LUKS2, made without the kernel's help: this machine may have no dm-crypt. */
import { rm } from 'node:fs/promises';
import { succeed } from '../support/process.ts';

/** What cryptsetup takes for the header of LUKS2, twice, to have something to work with. */
const HEADER = '32M';

/** Makes an encrypted disk with the file system of a directory's contents; cheap to open. */
export async function makeEncryptedDisk(
  tree: string,
  disk: string,
  password: string,
  freeMegabytes = 32,
): Promise<void> {
  const size = await succeed('/usr/bin/du', ['-s', '-x', '-B', '1M', tree]);
  const megabytes = Math.ceil(Number.parseInt(size.toString(), 10) * 1.15) + freeMegabytes;
  await rm(disk, { force: true });
  await succeed('/usr/bin/truncate', ['-s', `${megabytes}M`, disk]);
  await succeed('/usr/sbin/mkfs.ext4', ['-q', '-d', tree, disk], { timeout: 300_000 });
  await succeed('/usr/bin/truncate', ['-s', `+${HEADER}`, disk]);
  await succeed(
    '/usr/sbin/cryptsetup',
    [
      ...['reencrypt', '--encrypt', '--type', 'luks2', '--batch-mode', '--key-file', '-'],
      ...['--reduce-device-size', HEADER, '--pbkdf', 'pbkdf2'],
      ...['--pbkdf-force-iterations', '1000', disk],
    ],
    { input: password, timeout: 600_000 },
  );
}
