/** What runs the processor of a virtual machine: this computer's own where that really works. */
import { access, constants, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { RunningProgram } from '../support/process.ts';
import type { Installation } from './debian.ts';
import { kept } from './kept.ts';

/** Slow, and the same everywhere. QEMU's own size of the translation buffer makes boots stall. */
export const EMULATED = ['-accel', 'tcg,tb-size=64', '-cpu', 'max,la57=off,-erms,-fsrm'] as const;
const KVM = ['-accel', 'kvm', '-cpu', 'host'] as const;

/** A real processor takes two or three seconds. */
const PROBE_MILLISECONDS = 20_000;
const INIT_HAS_ENDED = /Attempted to kill init! exitcode=0x00000000/;

/**
 * The options of QEMU for the accelerator. A /dev/kvm that is there need not work: some are
 * emulated themselves and never get a kernel started. So the kernel of this installation is
 * started once, up to a program of its initial RAM disk; how that went is kept until this
 * computer starts again.
 */
export async function accelerator({
  kernel,
  initrd,
}: Installation): Promise<readonly [string, string, string, string]> {
  const boot = await readFile('/proc/sys/kernel/random/boot_id', 'utf8');
  const directory = await kept('accelerator', [boot], async (unfinished) => {
    const works = (await canOpenKvm()) && (await startsWithKvm(kernel, initrd));
    await writeFile(join(unfinished, 'kvm'), works ? 'works' : 'does not work');
  });
  return (await readFile(join(directory, 'kvm'), 'utf8')) === 'works' ? KVM : EMULATED;
}

async function canOpenKvm(): Promise<boolean> {
  const readAndWrite = constants.R_OK | constants.W_OK;
  return await access('/dev/kvm', readAndWrite).then(
    () => true,
    () => false,
  );
}

async function startsWithKvm(kernel: string, initrd: string): Promise<boolean> {
  await using program = RunningProgram.start('/usr/bin/qemu-system-x86_64', [
    ...['-machine', 'q35', ...KVM, '-smp', '1', '-m', '1024', '-nodefaults', '-no-user-config'],
    ...['-display', 'none', '-serial', 'stdio', '-no-reboot'],
    ...['-kernel', kernel, '-initrd', initrd],
    ...['-append', 'console=ttyS0 ignore_loglevel rdinit=/bin/true panic=-1'],
  ]);
  return await program.waitForLine(INIT_HAS_ENDED, PROBE_MILLISECONDS).then(
    () => true,
    () => false,
  );
}
