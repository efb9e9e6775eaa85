import { spawnSync } from 'node:child_process';
import process from 'node:process';
import { type Outcome, run } from './process.ts';
import { inRepository } from './repository.ts';
import { TempDir } from './temp-dir.ts';

/**
 * Whatever a script does to /usr, /dev, /run and /lib stays in its namespace, and what it
 * starts ends with it.
 */
const STAGE = `set -e
mount --make-rprivate /
mount -t proc proc /proc
mount -t tmpfs tmpfs "$STAGE"
mkdir "$STAGE/upper" "$STAGE/work" "$STAGE/dev"
mount -t overlay overlay -o "lowerdir=/usr,upperdir=$STAGE/upper,workdir=$STAGE/work" /usr
for device in null zero full tty urandom; do
  : >"$STAGE/dev/$device"
  mount --bind "/dev/$device" "$STAGE/dev/$device"
done
mkdir "$STAGE/dev/pts" "$STAGE/dev/.initramfs" /usr/lib/cryptsetup
mount --bind /dev/pts "$STAGE/dev/pts"
ln -s pts/ptmx "$STAGE/dev/ptmx"
mount --rbind "$STAGE/dev" /dev
mount -t tmpfs tmpfs /run
set +e
`;

const UNSHARE = ['--mount', '--pid', '--fork', '--kill-child'] as const;

/** Runs a shell script as root on a machine that looks as if it had just booted. */
export async function onBootStage(
  script: string,
  env: Readonly<Record<string, string>> = {},
): Promise<Outcome> {
  await using dir = await TempDir.create(0o755);
  return await run('/usr/bin/unshare', [...UNSHARE, '/bin/sh', '-c', `${STAGE}${script}`], {
    env: { STAGE: dir.path, PROGRAMS: inRepository('bin'), ...env },
  });
}

let reason: string | null | undefined;

/** Options for a test that needs `onBootStage`: skipped where that is not possible. */
export function needsBootStage(): { readonly skip?: string } {
  reason ??= reasonAgainst();
  return reason === null ? {} : { skip: reason };
}

function reasonAgainst(): string | null {
  if (process.getuid?.() !== 0) return 'boot stage: needs root';
  const script =
    'mount -t tmpfs t /mnt && mkdir /mnt/u /mnt/w && mount -t overlay o -o lowerdir=/usr,upperdir=/mnt/u,workdir=/mnt/w /usr';
  const { status } = spawnSync('/usr/bin/unshare', [...UNSHARE, '/bin/sh', '-c', script]);
  return status === 0 ? null : 'boot stage: overlays in namespaces are not allowed here';
}
