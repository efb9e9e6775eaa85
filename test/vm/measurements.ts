/** What a client costs at boot, as numbers. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Installation } from './debian.ts';

export interface ImageSize {
  /** In bytes: the file, and what is in it. */
  readonly packed: number;
  readonly unpacked: number;
}

/** Of the image of an installation without a client (`before`) and with it (`after`). */
export async function imageSize(
  installation: Installation,
  which: 'before' | 'after',
): Promise<ImageSize> {
  const text = await readFile(join(installation.files, `${which}.size`), 'utf8');
  const bytes = (name: string): number =>
    Number(new RegExp(`^${name} (\\d+)$`, 'm').exec(text)?.[1]);
  return { packed: bytes('packed'), unpacked: bytes('unpacked') };
}
