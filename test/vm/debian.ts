/** Debian installations for virtual machines. */
import { chmod, copyFile, cp, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { succeed } from '../support/process.ts';
import { inRepository } from '../support/repository.ts';
import { TempDir } from '../support/temp-dir.ts';
import { makeEncryptedDisk } from './encrypted-disk.ts';
import { kept } from './kept.ts';

/** Unlocks every disk of every machine. */
export const DISK_PASSWORD = 'correct horse 4711';

const HERE = inRepository('test/vm');
const PACKAGES = [
  ...['systemd-sysv', 'udev', 'kmod', 'linux-image-cloud-amd64', 'initramfs-tools'],
  ...['cryptsetup-initramfs', 'zstd', 'iproute2', 'dbus', 'login', 'passwd', 'procps'],
  ...['libatomic1', 'libstdc++6'],
];
const LEFT_OUT = [
  '/usr/share/man/*',
  '/usr/share/doc/*',
  '/usr/share/locale/*',
  '/usr/share/info/*',
];

export interface Installation {
  /** The encrypted disk of the root file system. */
  readonly disk: string;
  readonly kernel: string;
  readonly initrd: string;
  /** The section of clients.conf that mandos-keygen wrote on the machine; empty without one. */
  readonly section: string;
  /** Where files are that the script left in /root/keep. */
  readonly files: string;
}

/** The releases of Debian that the machines can have: 12, 13, and what the next one grows from. */
export type Suite = 'bookworm' | 'trixie' | 'sid';

export interface InstallationPlan {
  readonly name: string;
  /** Debian 12 by default. */
  readonly suite?: Suite;
  /** Files to copy into it first: where they go, and where they come from. */
  readonly files?: Readonly<Record<string, string>>;
  /** Runs in it, as root. */
  readonly script: string;
  /** What is left free on its disk. */
  readonly freeMegabytes?: number;
}

/** The directory `tree` of what this gives boots from a disk it does not know how to unlock. */
export async function base(suite: Suite): Promise<string> {
  const options = [
    ...['--variant=minbase', '--mode=root', '--format=directory', `--include=${PACKAGES.join()}`],
    ...LEFT_OUT.map((path) => `--dpkgopt=path-exclude=${path}`),
    '--dpkgopt=force-unsafe-io',
    // Its lists are good for a week, and a mirror may be behind.
    ...(suite === 'sid' ? ['--aptopt=Acquire::Check-Valid-Until "false"'] : []),
  ];
  const guest = await contentsOf(Object.values(GUEST_FILES));
  const name = suite === 'bookworm' ? 'base' : `base-${suite}`;
  return await kept(name, [...options, ...guest], async (directory) => {
    await using files = await TempDir.create();
    await copyFiles(GUEST_FILES, files.path);
    const hooks = [
      `--customize-hook=cp -a ${files.path}/. "$1"`,
      '--customize-hook=chroot "$1" /usr/local/sbin/prepare',
    ];
    await succeed('/usr/bin/mmdebstrap', [...options, ...hooks, suite, join(directory, 'tree')], {
      timeout: 900_000,
    });
  });
}

async function contentsOf(paths: readonly string[]): Promise<Uint8Array[]> {
  return await Promise.all(paths.map(async (path) => await readFile(path)));
}

/** Copies files to their places below a directory. */
async function copyFiles(files: Readonly<Record<string, string>>, root: string): Promise<void> {
  for (const [to, from] of Object.entries(files)) {
    await mkdir(dirname(join(root, to)), { recursive: true });
    await copyFile(from, join(root, to));
  }
}

/** Makes an installation, or takes the one that an earlier run has made in the same way. */
export async function install(plan: InstallationPlan): Promise<Installation> {
  const { files = {}, suite = 'bookworm' } = plan;
  const lower = await base(suite);
  const makers = ['in-root.sh', 'debian.ts', 'encrypted-disk.ts'].map((file) => join(HERE, file));
  const contents = await contentsOf([...Object.values(files), ...makers]);
  const ingredients = [lower, JSON.stringify(plan), ...contents];
  const directory = await kept(plan.name, ingredients, async (unfinished) => {
    await using work = await TempDir.create();
    await copyFiles(files, work.join('files'));
    await mkdir(work.join('files/root'), { recursive: true });
    await chmod(work.join('files/root'), 0o700);
    await writeFile(work.join('files/root/script'), `${BEFORE}\n${plan.script}\n${AFTER}`);
    await succeed(
      '/usr/bin/unshare',
      [
        ...['--mount', '/bin/sh', join(HERE, 'in-root.sh'), join(lower, 'tree'), unfinished],
        ...[work.join('files'), '/root/script', '/bin/cp', '-a', join(unfinished, 'tree/.')],
        work.join('tree'),
      ],
      { timeout: 900_000 },
    );
    const boot = await readdir(work.join('tree/boot'));
    for (const [name, prefix] of [
      ['kernel', 'vmlinuz-'],
      ['initrd', 'initrd.img-'],
    ] as const) {
      const file = boot.find((entry) => entry.startsWith(prefix));
      if (file === undefined) throw new Error(`${plan.name} has no ${prefix}…`);
      await cp(work.join('tree/boot', file), join(unfinished, name), { preserveTimestamps: true });
    }
    await cp(work.join('tree/root/keep'), join(unfinished, 'keep'), { recursive: true });
    await rm(work.join('tree/root/keep'), { recursive: true });
    await makeEncryptedDisk(
      work.join('tree'),
      join(unfinished, 'disk'),
      DISK_PASSWORD,
      plan.freeMegabytes,
    );
    for (const left of ['upper', 'work', 'tree']) {
      await rm(join(unfinished, left), { recursive: true, force: true });
    }
  });
  return {
    disk: join(directory, 'disk'),
    kernel: join(directory, 'kernel'),
    initrd: join(directory, 'initrd'),
    section: await readFile(join(directory, 'keep/section'), 'utf8').catch(() => ''),
    files: join(directory, 'keep'),
  };
}

const GUEST_FILES = {
  '/usr/local/sbin/prepare': join(HERE, 'guest/prepare'),
  '/usr/local/sbin/measure-image': join(HERE, 'guest/measure-image'),
  '/usr/local/sbin/tell-test': join(HERE, 'guest/tell-test'),
  '/usr/local/sbin/report': join(HERE, 'guest/report'),
};

const BEFORE = `printf '%s' '${DISK_PASSWORD}' >/root/password
apt-get update -qq`;

const AFTER = 'rm -rf /root/password /root/script /var/lib/apt/lists/* /var/cache/apt/*';
